# The portal for production. Web as it is; workers, beat and migrations run the same image with another command
# (docker-compose.yml).
FROM python:3.13-slim-bookworm AS packages
WORKDIR /build
COPY requirements/uv.txt requirements/production.txt ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
    && python -m venv /venv \
    && uv pip install --no-cache --python /venv/bin/python --require-hashes --compile-bytecode -r production.txt

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DEMO=0 \
    PORTAL_DATA_DIR=/app/var
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
# Gathering the static files needs a whole configuration, though it uses none of it.
RUN DATABASE_URL=postgres://build REDIS_URL=redis://build EMAIL_URL=smtp://build PORTAL_BASE_HOST=build TWILIO_ACCOUNT_SID=none \
    SECRET_KEY=only-while-the-image-is-built-not-a-key CODE_KEY=only-while-the-image-is-built-not-a-key \
    FIELD_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= AUDIT_KEYS=only-while-the-image-is-built-not-a-key \
    python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import http.client, sys; \
web = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
web.request('GET', '/healthz'); \
sys.exit(web.getresponse().status != 200)"]
CMD ["gunicorn", "--config", "python:portal.web", "--bind", "0.0.0.0:8000", "portal.wsgi"]
