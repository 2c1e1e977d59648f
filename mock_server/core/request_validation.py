"""Validates requests against the contract: credentials, parameters, media types, bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from code_contract import Operation, Parameter, directions, pointers
from code_contract.marks import parts
from code_contract.media_types import is_json, mime_essence
from code_contract.parameters import schema_of
from mock_server.core import parameter_styles, request_bodies, security
from mock_server.core.coercion import Coercion
from mock_server.core.errors import MALFORMED, MEDIA_TYPE_ERROR, REQUEST_ERROR, UNAUTHORIZED, InputError
from mock_server.core.headers import escaped_header
from mock_server.core.json_reader import BoundedValidator, TooComplexError, read_json
from mock_server.core.parameter_styles import Field, RequestTexts
from mock_server.core.percent_encoding import decode, unprotect
from mock_server.core.preferences import QUERY_PREFIX
from mock_server.core.request_bodies import FORM
from mock_server.core.schema_reasons import schema_reason
from mock_server.core.violations import Violation
from mock_server.observability.redaction import MAX_JSON_BYTES, Redactor
from mock_server.reasons import Reason

MAX_ERRORS = 5
"""Violations of the schema of one body that are reported."""
_MAX_CACHED_VALUE = 256
"""Characters of a value in the path or a header up to which its validation is cached."""
_IGNORED_HEADERS = ("accept", "authorization", "content-type")
"""Headers that are described elsewhere; a parameter of this name is ignored (OpenAPI 3.1 §4.8.12.1)."""
_BODY = Reason("body")


class RequestValidator:
    """Validates the requests of one operation.

    Args:
        operation: The operation.
        alternatives: The security schemes that it needs.
        redactor: Finds the secrets that reasons must not quote.
        names: Names of the schemas under components by identity.
    """

    def __init__(
        self,
        operation: Operation,
        alternatives: security.Alternatives,
        redactor: Redactor,
        names: Mapping[int, str],
    ) -> None:
        self._operation = operation
        self._alternatives = alternatives
        self._redactor = redactor
        self._media_type = mime_essence(operation.content_type or "")
        self._coercion = Coercion(names)
        self._cached_violations = lru_cache(256)(self._violations_of_text)
        self._schema_names = names
        self._bodies: dict[int, BoundedValidator] = {}
        self._parameters = [
            each
            for each in operation.parameters
            if each.location != "header" or each.name.lower() not in _IGNORED_HEADERS
        ]
        self._names = {each.name for each in self._parameters if each.location != "path"}
        self._names |= {
            str(scheme.get("name")) for each in alternatives for scheme in each.values() if scheme.get("in") == "query"
        }

    def head(self, texts: RequestTexts) -> Iterator[Violation]:
        """Validate the credentials and the parameters of a request."""
        refusal = security.refusal(self._alternatives, texts)
        if refusal is not None:
            headers = (escaped_header("WWW-Authenticate", refusal[1]),)
            yield Violation(refusal[0], False, UNAUTHORIZED, headers=headers)
        for position, parameter in enumerate(self._parameters):
            text = texts.text(parameter.location, parameter.name)
            if parameter.location in ("path", "header") and len(text or "") <= _MAX_CACHED_VALUE:
                yield from self._cached_violations(position, text)
            else:
                yield from self._parameter(parameter, texts)

    def _violations_of_text(self, position: int, text: str | None) -> tuple[Violation, ...]:
        """Those of a parameter in the path or a header with this text, None if it is missing."""
        parameter = self._parameters[position]
        path = {} if text is None else {parameter.name: text}
        headers = {name.lower(): each for name, each in path.items()}
        return tuple(self._parameter(parameter, RequestTexts(path, "", headers)))

    def _parameter(self, parameter: Parameter, texts: RequestTexts) -> Iterator[Violation]:
        subject, is_assumed = {"location": parameter.location, "name": parameter.name}, parameter.assumption is not None
        label, place = Reason("parameter", **subject), (parameter.location, parameter.name)
        try:
            readings = list(self._readings(parameter, texts))
            if not readings and parameter.required:
                if self._allows_nothing(parameter):
                    return
                raise InputError("missing")
        except InputError as error:
            yield Violation(error.about(label), is_assumed, REQUEST_ERROR, *place)
            return
        if parameter.raw.get("allowEmptyValue") is True and "" in readings:
            return
        validator = self._coercion.validator(parameter.schema)
        for found in self._errors(validator, readings, 1):
            if isinstance(found, TooComplexError):
                reason = Reason("invalid", subject=label, problem=found.reason)
                yield Violation(reason, is_assumed, REQUEST_ERROR, *place)
                continue
            path, hidden = found.json_path[1:], self._hides(parameter.name, readings[0], found.absolute_path)
            field = Reason("parameter-field", **subject, place=path) if path else label
            reason = Reason("invalid", subject=field, problem=schema_reason(found, hidden))
            blames = _blames(validator, readings, [parameter.example])
            pointer = pointers.join("", *found.absolute_path)
            yield Violation(reason, is_assumed, REQUEST_ERROR, *place, pointer, blames=blames)

    def _hides(self, name: str, value: Any, path: Sequence[str | int]) -> bool:
        if self._redactor.is_secret(name) or (isinstance(value, str) and self._redactor.text(value) != value):
            return True
        return self._redactor.hides(value, path)

    def _allows_nothing(self, parameter: Parameter) -> bool:
        """True if an object without properties is valid: exploded, it leaves no trace."""
        schemas, is_exploded = (parameter.schema,), parameter.explode and parameter.style != "deepObject"
        return is_exploded and "object" in self._coercion.types(schemas) and self._coercion.is_valid({}, schemas)

    def _readings(self, parameter: Parameter, texts: RequestTexts) -> Iterator[Any]:
        """The values that a parameter may have; none if it is missing."""
        coercion, name = self._coercion, parameter.name
        if parameter.location == "querystring":
            if texts.query_string:
                content, media_type = {"schema": parameter.schema}, parameter.media_type or FORM
                query = texts.query_string if media_type == FORM else unprotect(decode(texts.query_string))
                yield from request_bodies.read(content, media_type, query.encode("utf-8", "surrogatepass"), coercion)
            return
        field = Field(name, parameter.style, parameter.explode, (parameter.schema,))
        if parameter.location in ("path", "header"):
            text = texts.text(parameter.location, name)
            if text is not None and parameter.media_type is None:
                yield from parameter_styles.from_text(field, text, coercion)
            elif text is not None:
                yield self._content(parameter, text)
            return
        pairs = texts.query if parameter.location == "query" else texts.cookies
        if parameter.media_type is not None:
            yield from (self._content(parameter, each) for each in pairs.get(name, ())[:1])
            return
        if parameter.location == "cookie" and parameter.explode and not coercion.is_scalar(field.schemas):
            pairs = texts.exploded_cookies
        yield from parameter_styles.from_pairs(field, pairs, self._is_other, coercion)

    def _is_other(self, name: str) -> bool:
        return name.partition("[")[0] in self._names or name.startswith(QUERY_PREFIX)

    def _content(self, parameter: Parameter, text: str) -> Any:
        text = unprotect(text)
        if not is_json(mime_essence(parameter.media_type or "")):
            return self._coercion.typed(text, (parameter.schema,))
        return read_json(text.encode("utf-8", "surrogatepass"))

    def body(self, content_type: str, body: bytes) -> Iterator[Violation]:
        """Validate the body of a request; `content_type` is "" if the request names none."""
        media_type, contents = mime_essence(content_type), self._operation.request_contents
        if body and self._media_type and media_type != self._media_type:
            yield self._of_other_type(media_type, [self._media_type])
        elif not contents:
            if body and not self._media_type:
                yield self._of_other_type(media_type, [])
        elif not body and media_type != FORM:
            if self._operation.request_body_required:
                yield Violation(Reason("missing", subject=_BODY), False, location="body")
        elif (content := request_bodies.documented(contents, media_type)) is None:
            yield self._of_other_type(media_type, list(contents))
        else:
            yield from self._content_of_body(content, content_type or next(iter(contents)), body)

    @staticmethod
    def _of_other_type(media_type: str, documented: Sequence[str]) -> Violation:
        given, expected = media_type or Reason("no-media-type"), ", ".join(documented)
        reason = Reason("unwanted-body", type=given)
        if documented:
            reason = Reason("other-media-type", type=given, expected=expected)
        # RFC 9110 §15.5.16: the media types that would have been accepted.
        headers = (escaped_header("Accept", expected),) if documented else ()
        return Violation(reason, False, MEDIA_TYPE_ERROR, "body", headers=headers)

    def _content_of_body(self, content: Any, content_type: str, body: bytes) -> Iterator[Violation]:
        schema, examples = schema_of(content), [each.get("value") for each in content.get("examples", {}).values()]
        try:
            readings = list(request_bodies.read(content, content_type, body, self._coercion))
        except InputError as error:
            reason = error.about(Reason("body-field", place=f"$.{error.field}") if error.field else _BODY)
            pointer = pointers.join("", error.field) if error.field else ""
            yield Violation(reason, False, REQUEST_ERROR if error.field else MALFORMED, "body", pointer=pointer)
            return
        validator = self._body_validator(schema)
        for found in self._errors(validator, readings, MAX_ERRORS):
            if isinstance(found, TooComplexError):
                reason = Reason("not-validated-to-the-end", subject=_BODY, details=found.reason)
                yield Violation(reason, True, location="body")
                continue
            hidden = len(body) > MAX_JSON_BYTES or self._redactor.hides(readings[0], found.absolute_path)
            subject = Reason("body-field", place=found.json_path)
            reason = Reason("invalid", subject=subject, problem=schema_reason(found, hidden))
            pointer = pointers.join("", *found.absolute_path)
            blames = _blames(validator, readings, [content.get("example"), *examples])
            yield Violation(reason, False, REQUEST_ERROR, "body", pointer=pointer, blames=blames)
        if readings and isinstance(readings[0], dict):
            for name in sorted(directions.marked_names(parts(schema), "readOnly") & readings[0].keys()):
                reason = Reason("read-only", subject=Reason("body-field", place=f"$.{name}"))
                yield Violation(reason, True, REQUEST_ERROR, "body", pointer=pointers.join("", name))

    def _body_validator(self, schema: Any) -> BoundedValidator:
        if id(schema) not in self._bodies:
            self._bodies[id(schema)] = BoundedValidator(
                schema, directions.optional_names(schema, "readOnly"), self._schema_names
            )
        return self._bodies[id(schema)]

    @staticmethod
    def _errors(validator: BoundedValidator, readings: Sequence[Any], limit: int) -> list[Any]:
        """The errors of the first reading, none if any is valid; or the reason why they are not known."""
        first: list[Any] = []
        for position, value in enumerate(readings):
            try:
                found = validator.errors(value, limit)
            except TooComplexError as error:
                return [error]
            if not found:
                return []
            first = first if position else found
        return first


def _blames(validator: BoundedValidator, readings: Sequence[Any], examples: Sequence[Any]) -> str:
    """The side to blame for a value that violates its schema, by the examples that the document has for it."""
    stated = [each for each in examples if each is not None]
    if any(each in readings for each in stated):
        return "document"
    try:
        return "ambiguous" if any(validator.first_error(each) for each in stated) else "request"
    except TooComplexError:
        return "request"
