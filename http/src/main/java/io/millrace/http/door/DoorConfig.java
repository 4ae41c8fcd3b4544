// SPDX-License-Identifier: Apache-2.0
package io.millrace.http.door;

import io.smallrye.config.ConfigMapping;
import java.util.List;
import java.util.Optional;

/** From where requests may come. Which other pages may call a service is Quarkus' own setting, {@code quarkus.http.cors}. */
@ConfigMapping(prefix = "millrace.http")
public interface DoorConfig {
    /**
     * Names by which the service is asked, without a port, beside {@code localhost} and addresses; {@code *.example.org} is
     * every name below that.
     */
    Optional<List<String>> hosts();
}
