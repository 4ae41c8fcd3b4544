// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.FilterOrder;
import io.millrace.http.Problem;
import io.millrace.http.auth.Role;
import io.millrace.http.auth.RoleRule;
import io.quarkus.logging.Log;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.ProxyRequest;
import io.vertx.httpproxy.ProxyResponse;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code /api/SERVICE/…}: what the page asks another service. It passes the doors of this service first, then those of the other
 * one, with the caller's token and never with another; headers that are not needed stay behind on both ways. Answers are handed
 * on as they come, and so is the body of an upload. Thread-safe.
 */
@Singleton
final class PeerCalls {
    private static final String PREFIX = "/api/";
    private static final Pattern PATH = Pattern.compile(PREFIX + "([a-z]+)(/.*)");
    /** A query goes on as it is, where it has nothing that HTTP would escape. */
    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9._~%=&:/,+!*'()-]{0,4000}");

    private static final Set<String> REQUEST_HEADERS = Set.of("accept", "authorization", "content-type");
    private static final Set<String> RESPONSE_HEADERS =
            Set.of("allow", "cache-control", "content-length", "content-type", "retry-after", "www-authenticate");

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;
    private static final int CONNECT_MILLIS = 3_000;
    /** While an archive is sent and looked through nothing is said of it, and that it is sent at a pace is watched elsewhere. */
    private static final Duration PATIENCE_WITH_ARCHIVES = Duration.ofHours(1);

    private static final int MOST_CONNECTIONS = 32;
    /** More calls than these that wait for one of the connections are refused. */
    private static final int MOST_WAITING = 128;

    private final PageConfig config;
    private final EarlyAnswer answer;
    private final HttpClient client;

    PeerCalls(PageConfig config, EarlyAnswer answer, Vertx vertx) {
        this.config = config;
        this.answer = answer;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(MOST_CONNECTIONS)
                .setMaxWaitQueueSize(MOST_WAITING)
                .setConnectTimeout(CONNECT_MILLIS));
    }

    @PreDestroy
    void stop() {
        client.close();
    }

    /** Asking what would be trained changes nothing, as the dataset-service has it, too. */
    @Produces
    @Singleton
    static RoleRule looking() {
        return RoleRule.posts(Role.READ, "/api/dataset/preview", "/api/dataset/plan");
    }

    void register(@Observes Filters filters) {
        filters.register(routing -> pass(routing, true), FilterOrder.UPLOAD);
        filters.register(routing -> pass(routing, false), FilterOrder.PASSED_ON);
    }

    /** @param streamed whether the body has not been read; what has none is looked at then, too */
    private void pass(RoutingContext routing, boolean streamed) {
        String path = routing.normalizedPath();
        if (!path.startsWith(PREFIX)) {
            routing.next();
            return;
        }
        Matcher parts = PATH.matcher(path);
        Optional<Peer> peer = parts.matches() ? Peer.of(parts.group(1)) : Optional.empty();
        if (peer.isEmpty()) {
            answer.send(routing, Problem.of(NOT_FOUND, "no service is called so here; there are " + names()));
            return;
        }
        List<Call> calls = peer.get().calls(parts.group(2));
        Optional<Call> call = calls.stream()
                .filter(each -> each.method().equals(routing.request().method()))
                .findFirst();
        Optional<Problem> objection = objection(peer.get(), calls, call, routing);
        if (objection.isPresent()) {
            answer.send(routing, objection.get());
        } else if (call.orElseThrow().streamed() == streamed) {
            send(routing, peer.get(), parts.group(2), streamed);
        } else {
            routing.next();
        }
    }

    private Optional<Problem> objection(Peer peer, List<Call> calls, Optional<Call> call, RoutingContext routing) {
        if (calls.isEmpty()) {
            return Optional.of(Problem.of(
                    NOT_FOUND,
                    "the page asks " + peer.service() + " nothing of this path, so it is not passed on; ask the"
                            + " service itself"));
        }
        if (call.isEmpty()) {
            Set<String> allowed =
                    calls.stream().map(each -> each.method().name()).collect(Collectors.toCollection(TreeSet::new));
            routing.response().putHeader(HttpHeaders.ALLOW, String.join(", ", allowed));
            return Optional.of(Problem.of(NOT_ALLOWED, "this path knows other methods: " + allowed));
        }
        if (peer.address(config).isEmpty()) {
            return Optional.of(Problem.of(
                            NOT_FOUND,
                            "this service does not know where " + peer.service() + " is; say it with millrace.page."
                                    + peer.label() + "=http://host:port")
                    .with("service", peer.service()));
        }
        HttpServerRequest request = routing.request();
        String query = request.query();
        if (query != null && !QUERY.matcher(query).matches()) {
            return Optional.of(Problem.of(BAD_REQUEST, "the query has characters that are to be escaped, or too many"));
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean body =
                request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || length != null && !length.equals("0");
        if (body && !call.get().method().equals(HttpMethod.POST)) {
            return Optional.of(Problem.of(
                    BAD_REQUEST, "no body is taken with " + call.get().method().name()));
        }
        return Optional.empty();
    }

    private static String names() {
        return Arrays.stream(Peer.values()).map(Peer::label).collect(Collectors.joining(", "));
    }

    private void send(RoutingContext routing, Peer peer, String path, boolean streamed) {
        URI address = peer.address(config).orElseThrow();
        HttpServerRequest request = routing.request();
        ProxyRequest passed = ProxyRequest.reverseProxy(request);
        passed.setURI(request.query() == null ? path : path + "?" + request.query());
        keep(passed.headers(), REQUEST_HEADERS);
        if (streamed) {
            if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                routing.response().writeContinue();
            }
        } else {
            Buffer body = routing.body().buffer();
            passed.setBody(body == null || body.length() == 0 ? null : Body.body(body));
        }
        Duration patience = streamed ? PATIENCE_WITH_ARCHIVES : config.timeout();
        client.request(options(address, patience))
                .compose(passed::send)
                .compose(PeerCalls::hand)
                .onFailure(failure -> failed(routing, peer, patience, failure));
    }

    private static RequestOptions options(URI address, Duration patience) {
        boolean secure = address.getScheme().equals("https");
        int usual = secure ? 443 : 80;
        return new RequestOptions()
                .setHost(address.getHost())
                .setPort(address.getPort() < 0 ? usual : address.getPort())
                .setSsl(secure)
                .setConnectTimeout(CONNECT_MILLIS)
                .setIdleTimeout(patience.toMillis());
    }

    private static Future<Void> hand(ProxyResponse response) {
        keep(response.headers(), RESPONSE_HEADERS);
        return response.send();
    }

    private static void keep(MultiMap headers, Set<String> wanted) {
        Set.copyOf(headers.names()).stream()
                .filter(name -> !wanted.contains(name.toLowerCase(Locale.ROOT)))
                .forEach(headers::remove);
    }

    private void failed(RoutingContext routing, Peer peer, Duration patience, Throwable failure) {
        Log.debugf(failure, "A call was not passed on. service=%s", peer.service());
        if (routing.response().headWritten() || routing.response().closed()) {
            // Half of an answer cannot be taken back; that it breaks off shows that it is half.
            return;
        }
        boolean late = failure instanceof TimeoutException;
        String why =
                late ? "says nothing for " + patience.toSeconds() + " s" : "does not answer (" + reason(failure) + ")";
        answer.send(
                routing,
                Problem.of(
                                late ? GATEWAY_TIMEOUT : BAD_GATEWAY,
                                peer.service() + " " + why + "; this service looks for it at "
                                        + peer.address(config).orElseThrow() + " (millrace.page." + peer.label() + ")")
                        .with("service", peer.service()));
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
