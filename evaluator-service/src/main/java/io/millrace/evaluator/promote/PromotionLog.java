// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.promote;

import io.millrace.contracts.event.ModelPromoted;

/** Where promotions are decided: what is not in the log has not happened. */
public interface PromotionLog {
    /**
     * Brings {@link Promotions} and the leaderboard up to the end of the log as it is now.
     *
     * @throws org.apache.kafka.common.KafkaException when the broker does not answer
     */
    void catchUp();

    /**
     * Writes a promotion and returns when the broker has it and {@link Promotions} shows it.
     *
     * @throws org.apache.kafka.common.KafkaException when the broker did not confirm; it may have it all the same
     */
    void append(ModelPromoted promotion);

    /** As {@link #append}, that nothing is promoted under a name any more. */
    void remove(String model);
}
