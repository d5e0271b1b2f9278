// Node.js functions of the local cloud: leads Amazon S3's name for replies to this machine.
"use strict";
const https = require("node:https");
const tls = require("node:tls");

const replyHost = process.env.LOCAL_CLOUD_REPLY_HOST;
const { connect } = tls;
const { request } = https;

tls.connect = (options, ...rest) => {
  if (options?.host === replyHost) {
    const port = Number(process.env.LOCAL_CLOUD_REPLY_PORT);
    options = { ...options, servername: replyHost, host: "127.0.0.1", port };
  }
  return connect(options, ...rest);
};

// MiniStack sends whatever is for amazonaws.com to itself; it patches this after us.
let patched = request;
Object.defineProperty(https, "request", {
  get: () => (target, ...rest) =>
    (target?.hostname === replyHost ? request : patched)(target, ...rest),
  set: (value) => {
    patched = value;
  },
});
