# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The processes that are measured: broadsheet, nginx and the constant reply. Each runs on the core $server_cpu; what was started is
# remembered in `started` and stopped at the end, by its number.
#
# start_* leave the process id in $pid and the port in $port.

started=()

stop_all() {
	local process
	for process in "${started[@]}"; do
		kill "$process" 2>/dev/null
	done
	for process in "${started[@]}"; do
		wait "$process" 2>/dev/null
	done
	started=()
}

# Stops one of them.
stop() {
	local process kept=()
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	for process in "${started[@]}"; do
		[[ $process == "$1" ]] || kept+=("$process")
	done
	started=("${kept[@]}")
}

# pause SECONDS, without a process for it.
pause() {
	read -rt "$1" <> <(:) || true
}

# wait_for_port FILE PATTERN: the port that a server says it serves on; empty when it ended, or says nothing for two minutes.
wait_for_port() {
	local n
	port=
	for ((n = 0; n < 2400; n++)); do
		port=$(sed -nE "s|.*$2 http://127\.0\.0\.1:([0-9]+)/.*|\1|p" "$1" 2>/dev/null | head -n 1)
		[[ ! $port ]] || return 0
		kill -0 "$pid" 2>/dev/null || return 1
		pause 0.05
	done
	return 1
}

# What `broadsheet serve` can do, of what is younger than this bench.
serve_help=$("$program" serve --help)
has_option() {
	[[ $serve_help == *" $1 "* ]]
}

# Options of a server that answers and does nothing else, and of one that keeps no replies. Empty where there is no such option.
resting=() keeping_nothing=()
! has_option --related-rate || resting=(--related-rate 0)
! has_option --cache-bytes || keeping_nothing=(--cache-bytes 0)

# start_broadsheet NAME DATABASE [OPTION...]: with $workers serving threads, on $server_cpu if $pinned.
# Leaves $admin too, the port of the metrics.
pinned=1 workers=1
start_broadsheet() {
	local name=$1 database=$2 pin=()
	shift 2
	((!pinned)) || pin=("${on_server[@]}")
	: >"$work/$name.out"    # what an earlier server said must not be taken for its word
	"${pin[@]}" "$program" serve --database "$database" --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 \
		--base-url https://news.example --workers "$workers" "$@" >"$work/$name.out" 2>"$work/$name.log" </dev/null &
	pid=$!
	started+=("$pid")
	wait_for_port "$work/$name.out" 'metrics are at' || die "broadsheet did not start, see $work/$name.log"
	admin=$port
	wait_for_port "$work/$name.out" serves || die "broadsheet did not start, see $work/$name.log"
}

# start_ceiling REPLY [LIST]: one reply with its head, or one for each of the files in a list.
start_ceiling() {
	: >"$work/ceiling.out"
	"${on_server[@]}" "$tools/ceiling" "$1" ${2:+"$work/files" "$2"} >"$work/ceiling.out" 2>"$work/ceiling.log" </dev/null &
	pid=$!
	started+=("$pid")
	wait_for_port "$work/ceiling.out" serves || die "the constant reply did not start, see $work/ceiling.log"
}

# One process that serves $work/files as whoever called. Everything that makes nginx quick at small files is on: nothing is logged, files
# stay open, connections stay, and heads and bodies leave in one piece.
write_nginx_configuration() {
	local temporary
	cat <<-END
		daemon off;
		master_process off;
		worker_processes 1;
		worker_rlimit_nofile $(ulimit -Hn | sed 's/unlimited/1000000/');
		pid $work/nginx/nginx.pid;
		error_log $work/nginx/error.log;
		events {
			use epoll;
			worker_connections 4096;
		}
		http {
			access_log off;
			sendfile $nginx_sendfile;
			tcp_nopush $nginx_sendfile;
			keepalive_requests 1000000000;
			keepalive_timeout 600s;
			open_file_cache max=$nginx_open_files inactive=1d;
			open_file_cache_valid 1d;
			open_file_cache_min_uses 1;
			default_type application/json;
	END
	for temporary in client_body proxy fastcgi uwsgi scgi; do
		echo "	${temporary}_temp_path $work/nginx/$temporary;"
	done
	cat <<-END
			server {
				listen 127.0.0.1:$1 backlog=1024;
				root $work/files;
				location /br/ { add_header Content-Encoding br; }
			}
		}
	END
}

start_nginx() {
	local n try
	mkdir -p "$work/nginx"
	for try in 1 2 3 4 5; do
		port=$((20000 + (RANDOM * 3 + $$) % 12000))
		write_nginx_configuration $port >"$work/nginx/nginx.conf"
		"${on_server[@]}" "$nginx" -p "$work/nginx" -e "$work/nginx/error.log" -c "$work/nginx/nginx.conf" >/dev/null 2>&1 </dev/null &
		pid=$!
		for ((n = 0; n < 100; n++)); do
			kill -0 "$pid" 2>/dev/null || break
			if curl -s -o /dev/null "http://127.0.0.1:$port/"; then
				started+=("$pid")
				return
			fi
			pause 0.05
		done
		kill "$pid" 2>/dev/null
	done
	die "nginx did not start, see $work/nginx/error.log"
}

# settle PID: until a process rests: work that an earlier step left to its background, such as coding kept replies better. On a busy machine
# such work gets a small share of a core only, so rest is hardly any processor time at all for three half seconds in a row. At most half
# an hour.
settle() {
	local n calm=0 before after
	after=$("$tools/cpu_time" "$1") || return
	for ((n = 0; n < 3600 && calm < 3; n++)); do
		before=$after
		pause 0.5
		after=$("$tools/cpu_time" "$1") || return
		((after - before > 1000000)) && calm=0 || ((++calm))
	done
	((calm == 3)) || echo "  (process $1 is still busy with something of its own)"
}

# metric PORT NAME: the sum of what /metrics says under a name, with or without "_total", over all its labels; 0 for nothing.
metric() {
	curl -s "http://127.0.0.1:$1/metrics" | awk -v name="$2" '{ series = $1; sub(/[{].*/, "", series); sub(/_total$/, "", series) }
		series == name { sum += $NF } END { printf "%d\n", sum }'
}
