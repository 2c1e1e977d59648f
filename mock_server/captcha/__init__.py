"""Captcha challenges: question, answer and picture, all derived from (secret, uuid)."""
