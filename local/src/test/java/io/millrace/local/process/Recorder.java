// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it is told. */
final class Recorder implements ChildListener {
    final List<Long> started = new CopyOnWriteArrayList<>();
    final List<Integer> exitCodes = new CopyOnWriteArrayList<>();
    final List<Duration> delays = new CopyOnWriteArrayList<>();
    final List<String> lastWords = new CopyOnWriteArrayList<>();
    final List<String> gaveUp = new CopyOnWriteArrayList<>();

    @Override
    public void started(String name, long pid) {
        started.add(pid);
    }

    @Override
    public void crashed(String name, int exitCode, Duration restartIn, String words) {
        lastWords.add(words);
        exitCodes.add(exitCode);
        delays.add(restartIn);
    }

    @Override
    public void gaveUp(String name, String reason) {
        gaveUp.add(reason);
    }
}
