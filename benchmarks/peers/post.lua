-- POST with keep-alive. The argument is the body; the result is one line of JSON, times in milliseconds.
wrk.method = "POST"

function init(args)
  if args[1] ~= "" then wrk.body = args[1] end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d, "rejected": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.timeout, e.status))
end
