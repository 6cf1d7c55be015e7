# The venue in a container; docs/DEPLOY.md says how it is run. `python -m deploy.container.try_in_chroot`
# executes these steps in a clean root where no container engine is.
# --build-arg CORE=pure leaves the core uncompiled, for a quick look.

FROM python:3.11-slim-bookworm AS build
# A compiler for QuickFIX and the core; Debian keeps no older versions that could be pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# What changes seldom comes first: a change of the venue's source compiles no QuickFIX again.
COPY install.py requirements.lock ./
COPY native_build native_build
COPY deploy/__init__.py deploy/
COPY deploy/container/__init__.py deploy/container/build.py deploy/container/
RUN --mount=type=cache,target=/var/cache/pip PIP_CACHE_DIR=/var/cache/pip \
    python -m deploy.container.build dependencies
COPY . .
ARG CORE=compiled
RUN python -m deploy.container.build venue "${CORE}"

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 venue \
    && useradd --uid 10001 --gid venue --home-dir /var/lib/venue --no-create-home \
        --shell /usr/sbin/nologin venue \
    && install --directory --mode 0700 --owner venue --group venue /var/lib/venue
COPY --from=build /opt/venue /opt/venue
ARG CORE=compiled
# VENUE_CORE: the venue refuses to start on another core than this one.
ENV PATH=/opt/venue/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    VENUE_CORE=${CORE} \
    VENUE_DATA_DIR=/var/lib/venue/data \
    VENUE_LOG_FORMAT=json
WORKDIR /var/lib/venue
USER 10001:10001
VOLUME /var/lib/venue
EXPOSE 9888 9889 9890 8080
STOPSIGNAL SIGTERM
# Whether trading answers. A start executes the journal again from the last snapshot on.
HEALTHCHECK --interval=15s --timeout=10s --start-period=600s --retries=4 \
    CMD ["venue", "day", "status"]
ENTRYPOINT ["venue"]
CMD ["run"]
