// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Where the page finds what this service does not have itself; what is not set, the page does without, and says so. */
@ConfigMapping(prefix = "millrace.page")
public interface PageConfig {
    /** Address of the dataset-service: {@code http://host:port}. */
    Optional<@WithConverter(OriginConverter.class) URI> dataset();

    /** Address of a trainer. */
    Optional<@WithConverter(OriginConverter.class) URI> trainer();

    /** Address of the evaluator-service. */
    Optional<@WithConverter(OriginConverter.class) URI> evaluator();

    /** Address of Grafana, as a browser finds it: the page has a link there, and asks it nothing. */
    Optional<@WithConverter(LinkConverter.class) URI> grafana();

    /** How long a service may say nothing before the page is told so. */
    @WithDefault("2m")
    @DurationMin(millis = 1)
    @DurationMax(hours = 1)
    Duration timeout();
}
