# The product as one image: the worker by default, the command line with `ace-onboarding …` as the command.
# Debian, not Alpine: Temporal's native part needs glibc.
FROM node:24.22.3-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY simulator simulator
COPY forms forms
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  # The native part comes for every platform; this image is one.
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} + \
  && rm -rf dist/simulator

FROM node:24.22.3-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY bin bin
COPY forms forms
COPY templates templates
RUN ln -s /app/bin/ace-onboarding.mjs /usr/local/bin/ace-onboarding
ENV NODE_ENV=production ARCHIVE_DIR=/data/archive IMPORTER_KEY_FILE=/data/importer-key
USER node
VOLUME /data
CMD ["node", "dist/src/worker.js"]
