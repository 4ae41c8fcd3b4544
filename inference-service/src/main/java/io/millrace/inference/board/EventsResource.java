// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestStreamElementType;

/**
 * {@code GET /events}. A reader asks for the next message when it has the one before, so one that is slow gets fewer and
 * larger ones, and of what changed several times the latest alone.
 */
@Path("/events")
public class EventsResource {
    private static final int MOST_READERS = 100;
    private static final int MOST_CHANGES = 1_000;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final long RETRY_SECONDS = 10;

    private final String log = UUID.randomUUID().toString();
    private final AtomicInteger readers = new AtomicInteger();
    private final Following following;
    private volatile boolean stopping;

    EventsResource(Following following) {
        this.following = following;
        // A stream that does not end is a request that a graceful stop waits for. Quarkus says that it stops when it
        // has
        // waited, so the process is asked.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopping = true, "events-end"));
    }

    /**
     * One message.
     *
     * @param log names the log that versions are of; where it is another one than before, what was told before is void
     * @param version to go on from
     * @param more whether there is more already
     * @param follows whether events are followed; a service that serves a file follows none
     * @param problem why they cannot be read now; null while they can
     * @param changes what changed, of each thing the latest; none: the service is there, and nothing changed
     */
    public record Message(
            String log, long version, boolean more, boolean follows, String problem, List<Change> changes) {}

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(
            summary =
                    "Runs, statuses, points of curves, evaluations and promotions: what there is, then changes; a message every half second")
    @APIResponse(
            responseCode = "503",
            description = "There are as many readers as there may be, or this process is stopping")
    public Multi<Message> events(
            @Parameter(description = "The log of an earlier stream") @QueryParam("log") String known,
            @Parameter(description = "How far it was read; counts with its log only")
                    @QueryParam("after")
                    @DefaultValue("0")
                    long after) {
        if (stopping) {
            throw new ServiceUnavailableException("this process is stopping; another one goes on", RETRY_SECONDS);
        }
        // A place is taken by who comes to read, not by a request that is gone before: some that ask at the same moment
        // may be more than there are places for.
        if (readers.get() >= MOST_READERS) {
            throw new ServiceUnavailableException(
                    MOST_READERS + " read the events already, which is as many as may", RETRY_SECONDS);
        }
        return Multi.createFrom().deferred(() -> stream(new Place(log.equals(known) ? after : 0)));
    }

    private Multi<Message> stream(Place place) {
        readers.incrementAndGet();
        return Multi.createBy()
                .repeating()
                .uni(() -> place, this::next)
                .whilst(message -> !stopping)
                .onTermination()
                .invoke(() -> readers.decrementAndGet());
    }

    /** How far a reader is. */
    private static final class Place {
        private long version;
        private Duration pause = Duration.ZERO;

        private Place(long version) {
            this.version = version;
        }
    }

    private Uni<Message> next(Place place) {
        Uni<Message> now = Uni.createFrom().item(() -> read(place));
        return place.pause.isZero()
                ? now
                : Uni.createFrom().voidItem().onItem().delayIt().by(place.pause).chain(() -> now);
    }

    private Message read(Place place) {
        ChangeLog.Read read = following.log().after(place.version, MOST_CHANGES);
        place.version = read.version();
        place.pause = read.more() ? Duration.ZERO : PAUSE;
        return new Message(log, read.version(), read.more(), following.active(), following.problem(), read.changes());
    }
}
