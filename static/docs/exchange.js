// SPDX-License-Identifier: MIT
// A request and its answer, one at a time. What comes is shown piece by piece as it comes, as much of it as fits, and nothing is read on after that: an answer may
// be without an end (/v1/events) or everything there is (/v1/articles.ndjson). Stop ends it at any time; so do another Send, and leaving.

import { element } from './dom.js';

const MOST = 200000;    // characters that are shown

function pretty(text, type) {
	if (!/json$/.test(type)) return text;
	try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function* piecesOf(response) {
	const reader = response.body?.getReader(), decoder = new TextDecoder();

	while (reader) {
		const { done, value } = await reader.read();
		yield decoder.decode(value, { stream: !done });
		if (done) return;
	}
}

// Puts the answer into `place`; { text, cut }: what was read, and whether that is not all.
async function readInto(place, response) {
	const type = (response.headers.get('content-type') || '').split(';')[0], body = element('pre', { tabindex: '0', class: 'body' });
	const read = { text: '', cut: false };

	place.replaceChildren(element('h5', {}, 'Headers'), element('pre', { tabindex: '0' }, [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')));
	for await (const piece of piecesOf(response)) {
		const shown = piece.slice(0, MOST - read.text.length);
		read.text += shown;
		read.cut = shown.length < piece.length;
		if (read.text && !body.isConnected) place.append(element('h5', {}, 'Body'), body);
		const atEnd = body.scrollTop + body.clientHeight >= body.scrollHeight - 4;
		body.append(shown);
		// Whoever looks at the end of a stream goes on seeing the end of it.
		if (atEnd && type === 'text/event-stream') body.scrollTop = body.scrollHeight;
		if (read.cut) return read;
	}
	if (read.text) body.textContent = pretty(read.text, type);
	return read;
}

// Where this page is not at the site's own address, a redirect leads to that, and the browser does not let this page read what it says.
function redirectWords(base) {
	return [`Redirected, which this page cannot follow: it is at ${location.origin}, the site’s own address is ${base}. `,
		element('a', { href: `${base}/docs${location.hash}` }, 'Try it there'), ', or with curl.'];
}

export function exchangeOf(base) {
	const status = element('p', { role: 'status' }), place = element('div'), stop = element('button', { type: 'button', class: 'second', hidden: true }, 'Stop');
	let running = null;

	const say = (kind, ...words) => { status.className = kind; status.replaceChildren(...words.flat()); };
	const halt = () => running?.abort();

	// What one that has been overtaken still brings is neither said nor shown.
	async function run(request, own) {
		const part = element('div'), tell = (...words) => { if (own === running) say(...words); };
		const started = performance.now(), took = () => `${Math.round(performance.now() - started).toLocaleString('en')} ms`;
		let line = 'Nothing had come';

		place.replaceChildren(part);
		try {
			const response = await fetch(request.target, { method: request.method, headers: request.headers, body: request.body, cache: 'no-store', signal: own.signal,
				redirect: location.origin === new URL(base).origin ? 'follow' : 'manual' });
			if (response.type === 'opaqueredirect') return tell('bad', redirectWords(base));
			const kind = response.ok ? 'good' : 'bad', type = response.headers.get('content-type') || '';
			line = `${response.status} ${response.statusText}${response.redirected ? `, redirected to ${response.url}` : ''}`;
			if (type.startsWith('text/event-stream')) tell(kind, `${line}. It stays open: what happens is shown below as it comes, until you press Stop`);
			const { text, cut } = await readInto(part, response);
			tell(kind, `${line}, ${text.length.toLocaleString('en')} characters, ${took()}${cut ? '. There is more, which was not read' : ''}`);
		} catch (error) {
			if (own.signal.aborted) tell('', `Stopped after ${took()}. ${line}${request.method === 'GET' ? '' : '; it may have been done all the same'}`);
			else tell('bad', `No answer from ${location.origin}: ${error.message}`);
		} finally {
			own.abort();
		}
	}

	async function send(request) {
		const own = new AbortController();

		halt();
		running = own;
		stop.hidden = false;
		say('', 'Sent. Waiting for the answer …');
		await run(request, own);
		if (own !== running) return;
		running = null;
		if (document.activeElement === stop) stop.form.querySelector('[type="submit"]').focus();
		stop.hidden = true;
	}

	stop.addEventListener('click', halt);
	addEventListener('pagehide', halt);
	return { output: element('div', { class: 'output' }, status, place), stop, say, send, halt };
}
