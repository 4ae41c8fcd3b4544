// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the pictures of a data set have in common, so that one from elsewhere can be made like them. */
public enum InputConvention {
    /**
     * Light marks on a dark ground, scaled and centred by their mass, as the
     * <a href="http://yann.lecun.com/exdb/mnist/">digits of MNIST</a> were made.
     */
    @JsonProperty("ink")
    INK,
    /** What a camera sees: the shorter side scaled to the input's, the centre cut out. */
    @JsonProperty("photo")
    PHOTO
}
