// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.pool;

/**
 * Among whom the pool is shared, where runs are of one priority.
 *
 * @param name as runs have it
 * @param weight its part of what is left when all have what they are guaranteed; above 0
 * @param quota slots that its runs get before any team gets more than what it is guaranteed; 0: none
 */
public record Team(String name, double weight, int quota) {
    /** That of runs that name none. */
    public static final String DEFAULT = "default";

    /** Of a team that nothing is known of. */
    static Team unknown(String name) {
        return new Team(name, 1, 0);
    }
}
