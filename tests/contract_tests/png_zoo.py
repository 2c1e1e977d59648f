"""Faulty and unusual PNGs, named after the sentences of the specification (Third Edition) that they break or use."""

from __future__ import annotations

import struct
import zlib

from tests.contract_tests.png_samples import (
    GREY,
    GREY_ALPHA,
    IEND,
    PALETTE,
    RGB,
    RGBA,
    animated,
    chunk,
    drawn,
    ihdr,
    png,
    rows,
)

FORMED, ORDER, CRC, HEADER, PIXELS, END = (
    "img-is-a-png",
    "png-chunks-are-in-order",
    "png-crcs-are-correct",
    "png-header-is-valid",
    "png-pixels-fill-the-picture",
    "png-ends-with-iend",
)
INDICES, ALPHA, FRAMES, DECODES, PLACES, CONTENTS = (
    "png-palette-indices-are-in-range",
    "png-transparency-is-valid",
    "png-animation-is-valid",
    "img-is-decodable",
    "png-ancillary-chunks-are-in-order",
    "png-ancillary-chunks-are-valid",
)

W, H = 12, 8
HEAD, INDEXED, GREY_HEAD = ihdr(W, H, 8, RGB), ihdr(W, H, 4, PALETTE), ihdr(W, H, 8, GREY)
DATA = rows(W, H, 8, 0, lambda x, y: (20 * x, 30 * y, 9))
STREAM = zlib.compress(DATA)
IDAT = chunk(b"IDAT", STREAM)
PLTE = chunk(b"PLTE", bytes(range(24)))  # 8 colours


def indices(largest: int) -> bytes:
    return chunk(b"IDAT", zlib.compress(rows(W, H, 4, 0, lambda x, y: ((x + y) % (largest + 1),))))


def rgb(*before: bytes, after: bytes = b"", idat: bytes = IDAT) -> bytes:
    return png(HEAD, *before, idat, after, IEND)


def indexed(*after_palette: bytes, before: bytes = b"", palette: bytes = PLTE, after: bytes = b"") -> bytes:
    return png(INDEXED, before, palette, *after_palette, indices(7), after, IEND)


def grey(*before: bytes) -> bytes:
    return drawn(W, H, 8, GREY, before=b"".join(before))


def pixels(data: bytes) -> bytes:
    return rgb(idat=chunk(b"IDAT", zlib.compress(data)))


def header(at: int, value: int) -> bytes:
    """Return a picture with one byte of IHDR changed: depth at 8, colour type 9, methods 10, 11, 12."""
    data = bytearray(struct.pack(">IIBBBBB", W, H, 8, RGB, 0, 0, 0))
    data[at] = value
    return png(chunk(b"IHDR", bytes(data)), IDAT, IEND)


def fctl(number: int, width: int = W, height: int = H, left: int = 0, top: int = 0, blend: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, left, top, 1, 10, 0, blend))


def fdat(number: int, data: bytes = STREAM) -> bytes:
    return chunk(b"fdAT", struct.pack(">I", number) + data)


def actl(frames: int) -> bytes:
    return chunk(b"acTL", struct.pack(">II", frames, 0))


def text(keyword: bytes, content: bytes = b"x") -> bytes:
    return chunk(b"tEXt", keyword + b"\0" + content)


GAMA, SRGB, TIME = chunk(b"gAMA", b"\0\0\xb1\x8f"), chunk(b"sRGB", b"\0"), chunk(b"tIME", b"\x07\xea\1\1\0\0\0")
PHYS, EXIF = chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0\0\0\0\0")
PROFILE = chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(200)))
SPLT = chunk(b"sPLT", b"name\0\x08" + bytes((1, 2, 3, 255, 0, 9, 4, 5, 6, 255, 0, 8)))
HALVES = (chunk(b"IDAT", STREAM[:20]), chunk(b"IDAT", STREAM[20:]))

FAULTY: dict[str, tuple[str, bytes]] = {
    "§5.2 The first eight bytes always contain the signature": (FORMED, b"\x89PNG\n\x1a\n" + rgb()[8:]),
    "§5.3 Each byte of a chunk type is a letter": (FORMED, rgb(chunk(b"te5t"))),
    "§5.3 The length counts only the data field": (FORMED, rgb()[:-12] + b"\0\0\0\4IEND" + IEND[8:]),
    "§5.3 The CRC is calculated on the type and the data": (CRC, rgb(GAMA[:-1] + b"\0")),
    "§5.4 All chunk names have uppercase third letters": (CONTENTS, rgb(chunk(b"teat"))),
    "§5.4 Critical chunks are necessary for display": (ORDER, rgb(chunk(b"CRIT"))),
    "§5.6 IHDR shall be first": (ORDER, png(GAMA, HEAD, IDAT, IEND)),
    "§5.6 Multiple IHDR are not allowed": (ORDER, png(HEAD, HEAD, IDAT, IEND)),
    "§5.6 PLTE is before the first IDAT": (ORDER, rgb(after=PLTE)),
    "§5.6 Multiple IDAT chunks shall be consecutive": (ORDER, png(HEAD, HALVES[0], TIME, HALVES[1], IEND)),
    "§5.6 IEND shall be last": (END, rgb() + chunk(b"tIME", bytes(7))),
    "§5.6 gAMA is before PLTE": (PLACES, indexed(GAMA)),
    "§5.6 sRGB is before IDAT": (PLACES, rgb(after=SRGB)),
    "§5.6 bKGD is after PLTE": (PLACES, rgb(chunk(b"bKGD", bytes(6)), PLTE)),
    "§5.6 bKGD is after the PLTE that it refers to": (DECODES, indexed(before=chunk(b"bKGD", b"\0"))),
    "§5.6 hIST is after PLTE": (PLACES, indexed(before=chunk(b"hIST", bytes(16)))),
    "§5.6 pHYs is before IDAT": (PLACES, rgb(after=PHYS)),
    "§5.6 eXIf is before IDAT": (PLACES, rgb(after=EXIF)),
    "§5.6 sPLT is before IDAT": (PLACES, rgb(after=SPLT)),
    "§5.6 Multiple tIME are not allowed": (PLACES, rgb(TIME, after=TIME)),
    "§5.6 Multiple gAMA are not allowed": (PLACES, rgb(GAMA, GAMA)),
    "§5.6 If iCCP is present, sRGB should not be": (PLACES, rgb(PROFILE, SRGB)),
    "§7 Every scanline has the width of the image": (PIXELS, pixels(DATA[:-1])),
    "§8 The passes of Adam7 are sent": (PIXELS, png(ihdr(W, H, 8, RGB, 1), IDAT, IEND)),
    "§9 The filter type is 0 to 4": (PIXELS, pixels(b"\5" + DATA[1:])),
    "§10 A preset dictionary shall not be specified": (PIXELS, rgb(idat=chunk(b"IDAT", b"\x78\x20" + STREAM[2:]))),
    "§10 The window size is not more than 32768": (PIXELS, rgb(idat=chunk(b"IDAT", b"\x88\x1c" + STREAM[2:]))),
    "§10 The check value is of the uncompressed data": (PIXELS, rgb(idat=chunk(b"IDAT", STREAM[:-4] + bytes(4)))),
    "§10 The stream decompresses to the image data": (PIXELS, pixels(DATA + b"\0")),
    "§11.2.1 Zero is an invalid value": (HEADER, png(ihdr(W, 0, 8, RGB), IDAT, IEND)),
    "§11.2.1 Truecolour has a depth of 8 or 16": (HEADER, header(8, 4)),
    "§11.2.1 Indexed colour has a depth of at most 8": (HEADER, png(ihdr(W, H, 16, PALETTE), PLTE, IDAT, IEND)),
    "§11.2.1 The colour type is 0, 2, 3, 4 or 6": (HEADER, header(9, 5)),
    "§11.2.1 Only compression method 0 is defined": (HEADER, header(10, 8)),
    "§11.2.1 Only filter method 0 is defined": (HEADER, header(11, 64)),
    "§11.2.1 The interlace method is 0 or 1": (HEADER, header(12, 2)),
    "§11.2.2 A length not divisible by 3 is an error": (HEADER, indexed(palette=chunk(b"PLTE", bytes(23)))),
    "§11.2.2 The entries do not exceed the depth": (HEADER, indexed(palette=chunk(b"PLTE", bytes(51)))),
    "§11.2.2 PLTE shall not appear for colour type 0": (ORDER, grey(PLTE)),
    "§11.2.2 PLTE shall appear for colour type 3": (ORDER, indexed(palette=b"")),
    "§11.2.2 There is not more than one PLTE": (ORDER, indexed(PLTE)),
    "§11.2.2 An out-of-range pixel value is an error": (INDICES, png(INDEXED, PLTE, indices(8), IEND)),
    "§11.2.4 The data field of IEND is empty": (END, png(HEAD, IDAT, chunk(b"IEND", b"x"))),
    "§11.3.1.1 tRNS has no more values than the palette": (ALPHA, indexed(chunk(b"tRNS", bytes(9)))),
    "§11.3.1.1 tRNS has two bytes for a sample": (ALPHA, rgb(chunk(b"tRNS", bytes(3)))),
    "§11.3.1.1 tRNS shall not appear for type 6": (ALPHA, drawn(W, H, 8, RGBA, before=chunk(b"tRNS", bytes(6)))),
    "§5.6 tRNS is after PLTE": (ALPHA, indexed(before=chunk(b"tRNS", b"\1"))),
    "§5.6 tRNS is before IDAT": (ALPHA, indexed(after=chunk(b"tRNS", b"\1"))),
    "§5.6 Multiple tRNS are not allowed": (ALPHA, indexed(chunk(b"tRNS", b"\1"), chunk(b"tRNS", b"\2"))),
    "§11.3.2.1 cHRM contains eight values": (CONTENTS, rgb(chunk(b"cHRM", bytes(31)))),
    "§11.3.2.1 cHRM contains no more than them": (CONTENTS, rgb(chunk(b"cHRM", bytes(33)))),
    "§11.3.2.2 gAMA is limited to 31 bits": (CONTENTS, rgb(chunk(b"gAMA", b"\x80\0\0\0"))),
    "§11.3.2.3 The compression method of iCCP is 0": (DECODES, rgb(chunk(b"iCCP", b"a\0\1" + STREAM))),
    "§11.3.2.3 The profile of iCCP is a zlib datastream": (CONTENTS, rgb(chunk(b"iCCP", b"a\0\0" + STREAM[:-1]))),
    "§11.3.2.4 sBIT is greater than zero": (CONTENTS, rgb(chunk(b"sBIT", b"\0\1\1"))),
    "§11.3.2.4 sBIT is at most the sample depth": (CONTENTS, indexed(before=chunk(b"sBIT", b"\x08\x08\x09"))),
    "§11.3.2.5 The rendering intent is 0 to 3": (CONTENTS, rgb(chunk(b"sRGB", b"\4"))),
    "§11.3.2.6 The matrix coefficients are 0": (DECODES, rgb(chunk(b"cICP", b"\1\x0d\1\1"))),
    "§11.3.2.7 A cICP accompanies mDCV": (PLACES, rgb(chunk(b"mDCV", bytes(24)))),
    "§11.3.2.8 cLLI has two values": (CONTENTS, rgb(chunk(b"cLLI", bytes(9)))),
    "§11.3.3 Keywords are restricted to 79 bytes": (CONTENTS, rgb(text(b"k" * 80))),
    "§11.3.3 Keywords have at least 1 byte": (CONTENTS, rgb(text(b""))),
    "§11.3.3 Consecutive spaces are not permitted": (CONTENTS, rgb(text(b"a  b"))),
    "§11.3.3 Trailing spaces are not permitted": (CONTENTS, rgb(text(b"a "))),
    "§11.3.3 Non-breaking spaces are not permitted": (CONTENTS, rgb(text(b"a\xa0b"))),
    "§11.3.3 A text contains no null": (CONTENTS, rgb(text(b"a", b"b\0c"))),
    "§11.3.3 A keyword is separated by a null": (CONTENTS, rgb(chunk(b"tEXt", b"Title"))),
    "§11.3.3 zTXt is a zlib datastream": (CONTENTS, rgb(chunk(b"zTXt", b"a\0\0" + STREAM[:-4] + bytes(4)))),
    "§11.3.3 The compression method of zTXt is 0": (DECODES, rgb(chunk(b"zTXt", b"a\0\1" + STREAM))),
    "§11.3.3 The compression flag of iTXt is 0 or 1": (CONTENTS, rgb(chunk(b"iTXt", b"a\0\2\0\0\0x"))),
    "§11.3.3 The language tag is well-formed": (CONTENTS, rgb(chunk(b"iTXt", b"a\0\0\0zh_CN\0\0x"))),
    "§11.3.3 iTXt is encoded in UTF-8": (CONTENTS, rgb(chunk(b"iTXt", b"a\0\0\0\0\0\xe9"))),
    "§11.3.4.1 bKGD is an index of the palette": (CONTENTS, indexed(chunk(b"bKGD", b"\x08"))),
    "§11.3.4.1 bKGD is below two to the depth": (CONTENTS, grey(chunk(b"bKGD", b"\1\0"))),
    "§11.3.4.2 hIST has an entry for each colour": (CONTENTS, indexed(chunk(b"hIST", bytes(14)))),
    "§11.3.4.2 hIST appears only with PLTE": (CONTENTS, rgb(chunk(b"hIST", bytes(16)))),
    "§11.3.4.3 pHYs has nine bytes": (DECODES, rgb(chunk(b"pHYs", bytes(8)))),
    "§11.3.4.3 The unit is 0 or 1": (CONTENTS, rgb(chunk(b"pHYs", b"\0\0\0\1\0\0\0\1\2"))),
    "§11.3.4.4 The depth of sPLT is 8 or 16": (CONTENTS, rgb(chunk(b"sPLT", b"a\0\4"))),
    "§11.3.4.4 Entries of sPLT are in decreasing order": (
        CONTENTS,
        rgb(chunk(b"sPLT", b"a\0\x08" + bytes((1, 2, 3, 255, 0, 8, 4, 5, 6, 255, 0, 9)))),
    ),
    "§11.3.4.4 Each sPLT has a different name": (CONTENTS, rgb(SPLT, SPLT)),
    "§11.3.4.5 eXIf begins with a byte order": (CONTENTS, rgb(chunk(b"eXIf", b"Exif\0\0MM\0*"))),
    "§11.3.5 The month is 1 to 12": (CONTENTS, rgb(chunk(b"tIME", b"\x07\xea\0\1\0\0\0"))),
    "§11.3.6.1 The frames equal the number of fcTL": (FRAMES, rgb(actl(2), fctl(0))),
    "§11.3.6.1 0 is not a valid number of frames": (FRAMES, rgb(actl(0))),
    "§11.3.6.1 acTL appears before IDAT": (FRAMES, rgb(fctl(0), after=actl(1))),
    "§11.3.6.2 The region is within the image": (FRAMES, rgb(actl(2), fctl(0), after=fctl(1, left=1) + fdat(2))),
    "§11.3.6.2 The first frame has the size of IHDR": (FRAMES, rgb(actl(1), fctl(0, width=W - 1))),
    "§11.3.6.2 The blending is 0 or 1": (FRAMES, rgb(actl(1), fctl(0, blend=2))),
    "§5.6 One fcTL may occur before IDAT": (FRAMES, rgb(actl(2), fctl(0), fctl(1))),
    "§4.9 Sequence numbers are in order": (FRAMES, rgb(actl(2), fctl(0), after=fctl(1) + fdat(3))),
    "§11.3.6.3 A frame requires an fdAT": (FRAMES, rgb(actl(2), fctl(0), after=fctl(1))),
    "§11.3.6.3 fdAT is after IDAT": (FRAMES, rgb(actl(1), fctl(0), fdat(1))),
    "§11.3.6.3 fdAT is the pixel data of the frame": (FRAMES, rgb(actl(1), after=fctl(0, width=W - 1) + fdat(1))),
}

CORRECT: dict[str, bytes] = {
    "§8 Adam7": drawn(W, H, 8, RGB, 1),
    "§8 Adam7 with empty passes": drawn(2, 1, 8, RGB, 1),
    "§8 Adam7 of 2 bits": drawn(9, 9, 2, GREY, 1),
    "§11.2.1 Greyscale of 1 bit": drawn(9, H, 1, GREY),
    "§11.2.1 Greyscale of 16 bits": drawn(W, H, 16, GREY),
    "§11.2.1 Truecolour of 16 bits": drawn(W, H, 16, RGB),
    "§11.2.1 Greyscale with alpha": drawn(W, H, 8, GREY_ALPHA),
    "§11.2.1 Truecolour with alpha of 16 bits": drawn(W, H, 16, RGBA),
    "§11.2.2 It is permissible to have fewer entries": indexed(),
    "§11.2.2 PLTE as a suggestion for truecolour": rgb(PLTE),
    "§11.2.3 Data fields may be of zero length": png(HEAD, chunk(b"IDAT"), *HALVES, chunk(b"IDAT"), IEND),
    "§11.2.3 There may be multiple IDAT chunks": png(HEAD, *(chunk(b"IDAT", bytes([b])) for b in STREAM), IEND),
    "§11.2.3 Unused trailing bytes are ignored": rgb(idat=chunk(b"IDAT", STREAM + b"\0\0")),
    "§10 Blocks may be stored": rgb(idat=chunk(b"IDAT", zlib.compress(DATA, 0))),
    "§11.3.1.1 tRNS may have fewer values": indexed(chunk(b"tRNS", b"\0\x80")),
    "§11.3.1.1 One transparent colour": rgb(chunk(b"tRNS", bytes((0, 20, 0, 30, 0, 9)))),
    "§11.3.2 Colour spaces": rgb(GAMA, chunk(b"cHRM", struct.pack(">8i", 31270, 32900, *(9, -9) * 3)), SRGB),
    "§11.3.2.3 A profile": rgb(PROFILE),
    "§11.3.2.4 Significant bits": indexed(before=chunk(b"sBIT", b"\5\6\5")),
    "§11.3.2.6 High dynamic range": rgb(
        chunk(b"cICP", b"\x09\x10\0\1"), chunk(b"mDCV", bytes(24)), chunk(b"cLLI", bytes(8))
    ),
    "§11.3.3 Any number of texts": rgb(text(b"Title"), text(b"Title", b""), after=text(b"\xe9 \xff", b"\n")),
    "§11.3.3 Compressed texts": rgb(
        chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 99)),
        chunk(b"iTXt", b"a\0\1\0zh-Hans-CN\0" + "验证码".encode() + b"\0" + zlib.compress("验证码".encode())),
    ),
    "§11.3.4 Background and histogram": indexed(chunk(b"hIST", bytes(16)), chunk(b"bKGD", b"\7")),
    "§11.3.4.4 Several suggested palettes": rgb(SPLT, chunk(b"sPLT", b"other\0\x10")),
    "§11.3.4.5 Exif": rgb(EXIF),
    "§11.3.5 A leap second": rgb(PHYS, after=chunk(b"tIME", b"\x07\xea\x0c\x1f\x17\x3b\x3c")),
    "§11.3.6 An animation that begins with the image": animated(default=False),
    "§11.3.6 An animation beside the image": animated(default=True),
    "§11.3.6 Frames of several parts": rgb(
        actl(1), after=fctl(0) + fdat(1, b"") + fdat(2, STREAM[:9]) + fdat(3, STREAM[9:])
    ),
    "§5.4 Private chunks, safe to copy or not": rgb(chunk(b"prVt", b"x"), after=chunk(b"prVT")),
    "§5.4 Unknown ancillary chunks can be ignored": rgb(chunk(b"oFFs", bytes(9)), chunk(b"neWw", b"x")),
}
