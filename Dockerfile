# SPDX-License-Identifier: MIT
#
# docker build -t broadsheet . && docker run -p 8080:8080 broadsheet
#
# serves sample articles at http://localhost:8080/. To keep articles of one's own, mount a folder that uid 10001 may
# write to at /data, and say how readers reach the site:
#
# docker run -p 8080:8080 -v broadsheet:/data -e BROADSHEET_BASE_URL=https://news.example.org broadsheet

FROM debian:12 AS build
WORKDIR /source
RUN apt-get update && apt-get install -y --no-install-recommends make
# The packages change seldom: they are a layer of their own, made again only when the Makefile changes.
COPY Makefile .
RUN make deps
COPY . .
RUN make install DESTDIR=/image PREFIX=/usr \
	&& strip /image/usr/bin/broadsheet \
	&& install -D -m 644 static/sample/articles.ndjson /image/usr/share/broadsheet/articles.ndjson

FROM debian:12-slim
RUN apt-get update \
	&& apt-get install -y --no-install-recommends libmicrohttpd12 libjansson4 libsqlite3-0 zlib1g libbrotli1 libgumbo1 \
		libicu72 libcurl4 libssl3 libxxhash0 libstemmer0d tzdata ca-certificates \
	&& rm -rf /var/lib/apt/lists/* \
	&& install -d -o 10001 -g 10001 -m 750 /data
COPY --from=build /image /

ENV BROADSHEET_DATABASE=/data/articles.db \
	BROADSHEET_LISTEN=0.0.0.0:8080 \
	BROADSHEET_ADMIN_LISTEN=127.0.0.1:8081 \
	BROADSHEET_BASE_URL=http://localhost:8080

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080

# Asks /readyz as any client would; bash is the one in the image that can open a connection.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD bash -c ' \
	exec 3<>/dev/tcp/127.0.0.1/8081 && \
	printf "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >&3 && \
	read -r _ status _ <&3 && test "$status" = 200'

# `exec`, so that the server is process 1 and gets the signal to stop.
CMD if test -e "$BROADSHEET_DATABASE"; then broadsheet migrate; \
	else broadsheet import /usr/share/broadsheet/articles.ndjson; fi && \
	exec broadsheet serve
