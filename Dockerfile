FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY policies policies
COPY posture posture
RUN python -m venv /opt/posture \
    && /opt/posture/bin/pip install --quiet --no-cache-dir --no-compile .

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin posture
COPY --from=build /opt/posture /opt/posture
ENV PATH=/opt/posture/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /repository
USER 10001
ENTRYPOINT ["posture"]
CMD ["--help"]
