-- SPDX-License-Identifier: MIT
--
-- What wrk asks for: addresses out of a list, each as likely as the other, with the headers given.
--
--   wrk … -s load.lua http://127.0.0.1:PORT -- LIST [HEADER: VALUE]…
--
-- The last line printed is for the shell: BENCH, then requests, microseconds, bytes, failures, p50, p99 and slowest in microseconds.

local ready = {}

local function first_and_rest(line)
	return line:match("^([^:]+): (.*)$")
end

function init(args)
	for i = 2, #args do
		local name, value = first_and_rest(args[i])
		wrk.headers[name] = value
	end
	for path in io.lines(args[1]) do
		ready[#ready + 1] = wrk.format("GET", path)
	end
	math.randomseed(1)
end

function request()
	return ready[math.random(#ready)]
end

function done(summary, latency)
	local errors = summary.errors
	local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
	io.write(string.format("BENCH %d %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes, failures,
		latency:percentile(50), latency:percentile(99), latency.max))
end
