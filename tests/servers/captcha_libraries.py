"""Captcha libraries as pictures: a few lines of glue each, which print pictures in base64, one on each line."""

from __future__ import annotations

PYTHON = {
    "captcha-png": """
from captcha.image import ImageCaptcha
def picture(): return ImageCaptcha().generate(str(random.randrange(10000)), format="png").getvalue()
""",
    "captcha-jpeg": """
from captcha.image import ImageCaptcha
def picture(): return ImageCaptcha().generate(str(random.randrange(10000)), format="jpeg").getvalue()
""",
    "multicolorcaptcha": """
from multicolorcaptcha import CaptchaGenerator
def picture():
    out = io.BytesIO()
    CaptchaGenerator(2).gen_captcha_image().image.save(out, "PNG")
    return out.getvalue()
""",
    "easy-captcha-python-png": """
from easy_captcha import SpecCaptcha
def picture(): return base64.b64decode(SpecCaptcha(130, 48).to_base64(""))
""",
    "easy-captcha-python-gif": """
from easy_captcha import GifCaptcha
def picture(): return base64.b64decode(GifCaptcha(130, 48).to_base64(""))
""",
}
PYTHON_MAIN = """
import base64, io, random
{glue}
for _ in range({count}): print(base64.b64encode(picture()).decode())
"""

NODE = {
    "captchapng": """
const Captcha = require("captchapng")
const picture = () => {
  const made = new Captcha(80, 30, 1000 + Math.floor(Math.random() * 9000))
  made.color(0, 0, 0, 0)
  made.color(80, 80, 80, 255)
  return Buffer.from(made.getBase64(), "base64")
}
""",
    "svg-captcha": """
const captcha = require("svg-captcha")
const picture = () => Buffer.from(captcha.create().data)
""",
    "trek-captcha": """
const captcha = require("trek-captcha")
const picture = async () => (await captcha()).buffer
""",
}
NODE_MAIN = """
{glue}
;(async () => {{ for (let i = 0; i < {count}; i++) console.log((await picture()).toString("base64")) }})()
"""

GREGWAR = """
require $argv[1];
for ($i = 0; $i < {count}; $i++) {{
    $captcha = new Gregwar\\Captcha\\CaptchaBuilder();
    $captcha->build();
    echo base64_encode($captcha->get()), "\\n";
}}
"""
