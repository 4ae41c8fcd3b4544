// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.auth;

import static jakarta.ws.rs.core.HttpHeaders.WWW_AUTHENTICATE;

import io.millrace.http.EarlyAnswer;
import io.millrace.http.Problem;
import io.quarkus.security.credential.TokenCredential;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code Authorization: Bearer …}. Who presents none, or a wrong one, is told which role is needed; who presents wrong ones
 * waits for the answer. Thread-safe.
 */
@Singleton
final class BearerTokens implements HttpAuthenticationMechanism {
    private static final String SCHEME = "Bearer";
    private static final int UNAUTHORIZED = 401;
    private static final int TOO_MANY = 429;
    private static final String PRESENTED = BearerTokens.class.getName();
    private static final Duration APART = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Tokens tokens;
    private final RequiredRole required;
    private final EarlyAnswer answer;
    private final FailurePace pace = new FailurePace(APART, LONGEST);
    private final long begin = System.nanoTime();

    BearerTokens(Tokens tokens, RequiredRole required, EarlyAnswer answer) {
        this.tokens = tokens;
        this.required = required;
        this.answer = answer;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext routing, IdentityProviderManager identities) {
        String header = routing.request().getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || tokens.none()) {
            return Uni.createFrom().nullItem();
        }
        routing.put(PRESENTED, true);
        return identities.authenticate(new TokenAuthenticationRequest(new TokenCredential(token(header), SCHEME)));
    }

    /** Of another scheme there is none, which is as wrong as any. */
    private static String token(String header) {
        int end = header.indexOf(' ');
        return end > 0 && header.substring(0, end).equalsIgnoreCase(SCHEME)
                ? header.substring(end).strip()
                : "";
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext routing) {
        return Uni.createFrom().item(new ChallengeData(UNAUTHORIZED, WWW_AUTHENTICATE, challenge(routing)));
    }

    @Override
    public Uni<Boolean> sendChallenge(RoutingContext routing) {
        boolean wrong = routing.get(PRESENTED) != null;
        OptionalLong wait = wrong
                ? pace.await(routing.request().remoteAddress().hostAddress(), System.nanoTime() - begin)
                : OptionalLong.of(0);
        if (wait.isEmpty()) {
            routing.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(LONGEST.toSeconds()));
            answer.send(routing, Problem.of(TOO_MANY, "too many wrong tokens came from this address; try again later"));
            return Uni.createFrom().item(true);
        }
        routing.response().putHeader(WWW_AUTHENTICATE, challenge(routing));
        Problem problem = Problem.of(UNAUTHORIZED, detail(wrong, required.of(routing)))
                .with("role", required.of(routing).map(Role::label).orElse(null));
        return after(routing, wait.getAsLong()).map(waited -> {
            answer.send(routing, problem);
            return true;
        });
    }

    /** On the request's own event loop, holding nothing but the connection. */
    private static Uni<Boolean> after(RoutingContext routing, long nanos) {
        if (nanos == 0) {
            return Uni.createFrom().item(true);
        }
        routing.request().pause();
        return Uni.createFrom().emitter(emitter -> routing.vertx()
                .setTimer(Duration.ofNanos(nanos).toMillis(), late -> emitter.complete(true)));
    }

    private String challenge(RoutingContext routing) {
        String scope = required.of(routing)
                .map(role -> ", scope=\"" + role.label() + "\"")
                .orElse("");
        String error = routing.get(PRESENTED) == null ? "" : ", error=\"invalid_token\"";
        return SCHEME + " realm=\"millrace\"" + scope + error;
    }

    private static String detail(boolean wrong, Optional<Role> role) {
        String needed =
                role.map(each -> "a token with the role " + each.label()).orElse("no token");
        return wrong
                ? "the token is not known here; this needs " + needed
                : "this needs " + needed + ", sent as Authorization: Bearer …; whoever runs the service has it";
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(TokenAuthenticationRequest.class);
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext routing) {
        return Uni.createFrom().item(new HttpCredentialTransport(HttpCredentialTransport.Type.AUTHORIZATION, SCHEME));
    }
}
