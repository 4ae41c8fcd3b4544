// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.inference.board.EventsResource.Message;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.Cancellable;
import jakarta.ws.rs.ServiceUnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventsResourceTest {
    private final EventsResource resource = new EventsResource(new Following());

    private Multi<Message> asked() {
        return resource.events(null, 0);
    }

    @Test
    void whoNeverReadsTakesNoPlaceAndWhoStopsGivesItsOwnBack() {
        for (int k = 0; k < 200; k++) {
            assertThat(asked()).isNotNull();
        }
        List<Cancellable> readers = new ArrayList<>();
        for (int k = 0; k < 100; k++) {
            readers.add(asked().subscribe().with(message -> {}));
        }
        assertThatThrownBy(this::asked)
                .isInstanceOf(ServiceUnavailableException.class)
                .hasMessageContaining("100 read the events already");

        readers.forEach(Cancellable::cancel);

        assertThat(asked()).isNotNull();
    }
}
