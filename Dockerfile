FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MIELTO_MODE=production
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# Collecting static files loads the settings, which want keys: these are thrown away with the step.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    MIELTO_KEYRING="$(python manage.py new_key)" \
    ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:///:memory: \
    python manage.py collectstatic --no-input

# The application writes nothing to disk: it owns nothing here.
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "mielto.wsgi", "--bind=0.0.0.0:8000", "--worker-tmp-dir=/dev/shm"]
