# docker build -t code-contract .
# docker run --rm -p 4010:4010 code-contract
# docker run --rm code-contract check https://staging.example.com/api/v1
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
WORKDIR /src
COPY . .
# The environment has no pip of its own: the image installs nothing later.
RUN python -m pip --disable-pip-version-check install --quiet --no-cache-dir 'uv>=0.5,<1' \
    && uv venv --quiet /opt/code-contract \
    && uv pip install --quiet --no-cache --compile-bytecode --python /opt/code-contract '.[fast,load]'

FROM python:${PYTHON_VERSION}-slim
LABEL org.opencontainers.image.title="code-contract" \
      org.opencontainers.image.source="https://github.com/code-contract/code-contract" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/code-contract /opt/code-contract
# In a container 127.0.0.1 is not reachable from outside.
ENV PATH="/opt/code-contract/bin:${PATH}" \
    CODE_CONTRACT_HOST="0.0.0.0" \
    CODE_CONTRACT_PORT="4010" \
    PYTHONUNBUFFERED="1"
WORKDIR /work
USER 10001:10001
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"CODE_CONTRACT_PORT\"]}/__mock/health', timeout=2)"]
ENTRYPOINT ["code-contract"]
CMD ["mock"]
