# One image for the web process, the pager and the migrations. Built in three steps: the first installs what is
# locked, the second compiles our few lines of C, the third carries only that and our own code, as a user who may write
# nothing.

FROM python:3.13-slim AS built
# requirements-solver.txt is the same with the rota solver (OR-Tools), requirements-s3.txt with a store like S3, and
# requirements-solver-s3.txt with both: --build-arg REQUIREMENTS=requirements-solver.txt
ARG REQUIREMENTS=requirements.txt
COPY requirements-bootstrap.txt ${REQUIREMENTS} /
RUN pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
 && uv venv /opt/dido \
 && uv pip install --no-cache --compile-bytecode --python /opt/dido/bin/python --require-hashes -r ${REQUIREMENTS}
WORKDIR /srv/dido
COPY . .
# The settings want values that collecting the static files does not use.
RUN DATABASE_URL=postgresql://nobody@nowhere/none REDIS_URL=redis://nowhere SECRET_KEY=for-the-build-only \
    PUBLIC_URL=http://localhost /opt/dido/bin/python manage.py collectstatic --no-input

FROM python:3.13 AS compiled
COPY realtime/fan.c realtime/
RUN cc -O2 -shared -fPIC -o realtime/libfan.so realtime/fan.c

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin dido \
 && install --directory --owner=10001 --mode=0700 /var/lib/dido/papers
COPY --from=built /opt/dido /opt/dido
COPY --from=built /srv/dido /srv/dido
COPY --from=compiled /realtime/libfan.so /srv/dido/realtime/
ENV PATH=/opt/dido/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/dido
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "config.machine.health"]
# The long queue of waiting connections is for the moment when every screen comes back at once.
CMD ["python", "-m", "config.web", "-e", "tcp:port=8000:interface=0.0.0.0:backlog=4096", "--websocket_connect_timeout", "30", "--websocket-max-message-size", "8192", "--proxy-headers", "config.asgi:application"]
