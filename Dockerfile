# Dependencies as the lock file says, without those that only development needs, and without running their scripts.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /opt/rollcall
COPY . .
RUN npm ci --omit=dev --ignore-scripts

# Nothing in here needs to be written but /data: run it with --read-only.
FROM node:24-bookworm-slim
WORKDIR /opt/rollcall
COPY --from=dependencies /opt/rollcall /opt/rollcall
RUN install -d -o node -g node -m 0700 /data
ENV NODE_ENV=production ROLLCALL_SERVER_HOST=0.0.0.0 ROLLCALL_STORE_PATH=/data ROLLCALL_AUTH_MODE=on
USER node
VOLUME /data
EXPOSE 30100
ENTRYPOINT ["node", "engine/src/main.ts"]
