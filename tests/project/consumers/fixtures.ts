// Fixtures of a frontend's unit tests, with the types that openapi-typescript makes of the contract.
import type { components } from "./contract.js";

type Captcha = components["schemas"]["Captcha"];
type Envelope = components["schemas"]["CaptchaEnvelope"];

export const captcha: Captcha = { uuid: "00", img: "data:image/png;base64,iVBORw0KGgo=" };
export const success: Envelope = { succFlag: true, code: 200, msg: null, data: captcha };
export const refused: Envelope = { succFlag: false, code: 500, msg: "x", data: null };
export const withoutData: Envelope = { succFlag: false, code: 500 };

export const pictureOf = (envelope: Envelope): string => (envelope.succFlag ? envelope.data.img : envelope.msg ?? "");

// @ts-expect-error: a success has data.
export const empty: Envelope = { succFlag: true, code: 200, data: null };
// @ts-expect-error: a success has data.
export const absent: Envelope = { succFlag: true, code: 200 };
// @ts-expect-error: the data has no such field.
export const more: Envelope = { succFlag: true, code: 200, data: { ...captcha, token: "" } };
// @ts-expect-error: a field is missing.
export const less: Captcha = { uuid: "00" };
// @ts-expect-error: without a look at succFlag, there may be no data.
export const unchecked = (envelope: Envelope): string => envelope.data.img;
