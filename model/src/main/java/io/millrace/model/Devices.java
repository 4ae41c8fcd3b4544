// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.millrace.contracts.event.Compute;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * DJL's devices by name: {@code cpu}, {@code cuda:N}, and {@code mps} on Apple silicon. What is
 * computed on {@code mps} was never tried: no such machine was at hand.
 *
 * @param gpus that CUDA sees
 * @param apple whether this is Apple silicon
 */
record Devices(int gpus, boolean apple) {
    static final String AUTO = "auto";
    static final String CPU = "cpu";
    static final String CUDA = "cuda";
    static final String MPS = "mps";

    /** Those of this machine. */
    static Devices here(int gpus) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return new Devices(gpus, system.startsWith("mac") && "aarch64".equals(System.getProperty("os.arch")));
    }

    /** Which kind of device it is, as {@link Compute#device()} has it. */
    static String kind(Device device) {
        return device.isGpu() ? CUDA : device.getDeviceType();
    }

    /** Whether devices of a kind have float64 (<a href="https://pytorch.org/docs/stable/notes/mps.html">not mps</a>). */
    static boolean hasFloat64(String kind) {
        return !kind.equals(MPS);
    }

    /**
     * Whether these are libraries for GPUs and there is one. Nothing is loaded for that: libraries in a container say what
     * they are by a variable, those on the class path by a file.
     */
    static boolean seeGpu() {
        String flavor = System.getenv("PYTORCH_FLAVOR");
        if (flavor == null) {
            try (InputStream in = Devices.class.getResourceAsStream("/native/lib/pytorch.properties")) {
                Properties about = new Properties();
                if (in != null) {
                    about.load(in);
                }
                flavor = about.getProperty("flavor", "");
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read what PyTorch's libraries on the class path are", e);
            }
        }
        return flavor.startsWith("cu") && CudaUtils.getGpuCount() > 0;
    }

    /** The first GPU where there is one, else the processor. */
    private Device best() {
        return gpus > 0 ? Device.gpu() : Device.cpu();
    }

    /**
     * The device of a name.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    Device named(String name) {
        if (name.equals(AUTO)) {
            return best();
        }
        if (!names().contains(name.equals(CUDA) ? CUDA + ":0" : name)) {
            throw new IllegalArgumentException("there is no device \"" + name + "\" here; there are "
                    + String.join(", ", names()) + ", and " + AUTO + " for the best of them");
        }
        return switch (name) {
            case CPU -> Device.cpu();
            case CUDA -> Device.gpu();
            case MPS -> Device.of(MPS, -1);
            default -> Device.gpu(Integer.parseInt(name.substring(CUDA.length() + 1)));
        };
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(List.of(CPU));
        for (int k = 0; k < gpus; k++) {
            names.add(CUDA + ":" + k);
        }
        if (apple) {
            names.add(MPS);
        }
        return names;
    }
}
