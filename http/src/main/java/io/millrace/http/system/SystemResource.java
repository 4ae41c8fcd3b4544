// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.arc.All;
import io.smallrye.health.SmallRyeHealthReporter;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;

/**
 * {@code GET /system}. Probes ask at the management port, which knows no callers; people ask here, with a token where there are
 * tokens.
 */
@Path("/system")
@Produces(MediaType.APPLICATION_JSON)
public class SystemResource {
    private static final Logger LOGGER = Logger.getLogger(SystemResource.class);
    private static final java.nio.file.Path OWN = java.nio.file.Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final long KIB = 1024;

    private final SmallRyeHealthReporter health;
    private final List<DiskPlace> places;

    SystemResource(SmallRyeHealthReporter health, @All List<DiskPlace> places) {
        this.health = health;
        this.places = places;
    }

    /**
     * How a service stands.
     *
     * @param up whether all of its checks say so
     * @param checks what its probes ask
     * @param startedAt when this process began
     * @param memory of this process
     * @param disks where it writes
     */
    public record Standing(boolean up, List<Check> checks, Instant startedAt, Memory memory, List<Disk> disks) {}

    /**
     * One check.
     *
     * @param name of it
     * @param up whether it holds
     * @param reason why it does not; absent where it does
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Check(String name, boolean up, String reason) {}

    /**
     * Memory in bytes.
     *
     * @param heap that objects take now
     * @param maxHeap that they may take
     * @param resident that the process takes of the machine, native memory included; absent where it is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Memory(long heap, long maxHeap, Long resident) {}

    /**
     * A disk, in bytes.
     *
     * @param name of what the service has there
     * @param free that it may still take
     * @param total size
     */
    public record Disk(String name, long free, long total) {}

    @GET
    @Operation(summary = "How this service stands: what its probes say, memory, disks")
    public Standing system() {
        JsonObject said = health.getHealth().getPayload();
        List<Check> checks = said.getJsonArray("checks").getValuesAs(JsonObject.class).stream()
                .map(SystemResource::check)
                .toList();
        Runtime java = Runtime.getRuntime();
        return new Standing(
                checks.stream().allMatch(Check::up),
                checks,
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()),
                new Memory(java.totalMemory() - java.freeMemory(), java.maxMemory(), resident()),
                places.stream().flatMap(place -> disk(place).stream()).toList());
    }

    private static Check check(JsonObject check) {
        boolean up = check.getString("status").equals("UP");
        JsonObject data = check.getJsonObject("data");
        String reason = up || data == null
                ? null
                : data.values().stream()
                        .map(value -> value instanceof JsonString text ? text.getString() : value.toString())
                        .findFirst()
                        .orElse(null);
        return new Check(check.getString("name"), up, reason);
    }

    private static Long resident() {
        try (Stream<String> lines = Files.lines(OWN)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .map(line -> KIB * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    private static Optional<Disk> disk(DiskPlace place) {
        java.nio.file.Path there =
                place.path().map(java.nio.file.Path::toAbsolutePath).orElse(null);
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null) {
            return Optional.empty();
        }
        try {
            FileStore disk = Files.getFileStore(there);
            return Optional.of(new Disk(place.name(), disk.getUsableSpace(), disk.getTotalSpace()));
        } catch (IOException e) {
            LOGGER.debugf(e, "A disk does not say how full it is. place=%s", there);
            return Optional.empty();
        }
    }
}
