// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.stack;

import io.millrace.local.Refusal;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the programs lie: the root of a built source tree.
 *
 * @param root the directory of {@code ./millrace}
 */
public record Installation(Path root) {
    public Installation {
        if (root.toString().contains("=")) {
            throw new Refusal(
                    "the programs lie in " + root + ", and Java cuts the path of an agent at the first '='. Move "
                            + "the source tree to a path without it");
        }
    }

    /** The one this class was loaded from: {@code <root>/local/target/…}, said otherwise by {@code millrace.home}. */
    public static Installation own() {
        String home = System.getProperty("millrace.home");
        if (home != null) {
            return new Installation(Path.of(home).toAbsolutePath().normalize());
        }
        try {
            Path code = Path.of(Installation.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new Installation(code.getParent().getParent().getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("own code is at no path", e);
        }
    }

    /** The Java that runs this process runs the others. */
    Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    Path service(Part service) {
        return root.resolve(service.module()).resolve("target/quarkus-app/quarkus-run.jar");
    }

    Path broker() {
        return root.resolve("local/target/millrace.jar");
    }

    Path tether() {
        return root.resolve("local/target/millrace-tether.jar");
    }

    /**
     * Makes sure that the programs are there.
     *
     * @param parts that are to be started
     * @throws Refusal naming the one that is not
     */
    public void requireBuilt(Collection<Part> parts) {
        requireFile(broker());
        requireFile(tether());
        Part.SERVICES.stream().filter(parts::contains).forEach(service -> requireFile(service(service)));
    }

    /** Folders with the jars of trainer-service, which has the model; the last one has what reads its configuration. */
    List<Path> trainerLibraries() {
        Path service = service(Part.TRAINER);
        return Stream.of("lib/main", "lib/boot", "app", "quarkus")
                .map(service::resolveSibling)
                .toList();
    }

    /**
     * Makes sure that trainer-service is there.
     *
     * @throws Refusal when it is not
     */
    void requireTrainer() {
        requireFile(service(Part.TRAINER));
    }

    private static void requireFile(Path file) {
        if (!Files.isReadable(file)) {
            throw new Refusal(
                    file + " is missing: it is not built yet. ./millrace up builds it; so does ./mvnw package");
        }
    }
}
