// A page's own client: its types are made by openapi-typescript from the bundle, its calls by openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./contract.js";

const client = createClient<paths>({ baseUrl: process.argv[2] });
const { data: envelope, error } = await client.POST("/code", { params: { header: { Source: "PC" } } });
if (!envelope || error) throw new Error(`refused: ${JSON.stringify(error)}`);
if (!envelope.succFlag) throw new Error(`refused: ${envelope.msg}`);
const captcha = envelope.data;
const uuid: string = captcha.uuid;
const img: string = captcha.img;
console.log(JSON.stringify({ uuid, img }));
