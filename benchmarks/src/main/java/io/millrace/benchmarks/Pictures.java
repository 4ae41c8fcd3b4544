// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Pictures that one core reads and fits in a second, by the processor time of one thread: of drawn JPEGs of 500 x 375 to
 * 224 x 224, and of those of a zip archive to 32 x 32.
 */
@Command(
        name = "pictures",
        mixinStandardHelpOptions = true,
        description = "Measures how many pictures a core reads and fits in a second.")
final class Pictures implements Callable<Integer> {
    private static final int WIDTH = 500;
    private static final int HEIGHT = 375;
    private static final int DRAWN = 32;
    private static final double NANOS = 1e9;

    @Option(names = "--pictures", defaultValue = "2000", description = "In a measurement (${DEFAULT-VALUE}).")
    private int pictures;

    @Option(names = "--repetitions", defaultValue = "5", description = "Measurements of each (${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(names = "--zip", description = "Archive of pictures of 32 x 32, as JPEG or PNG.")
    private Path zip;

    @Spec
    private CommandSpec spec;

    private final PictureReader reader = new PictureReader(ReadLimits.DEFAULT);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Pictures()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, PictureException {
        if (pictures < 1 || repetitions < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--pictures and --repetitions must be at least 1");
        }
        measure("500 x 375 to 224 x 224", drawn(), new ImageShape(3, 224, 224));
        if (zip != null) {
            measure("32 x 32 of " + zip.getFileName(), zipped(), new ImageShape(3, 32, 32));
        }
        return 0;
    }

    private void measure(String what, List<byte[]> files, ImageShape shape) throws PictureException {
        Fitting fitting = Fitting.of(InputConvention.PHOTO, shape);
        perSecond(files, fitting);
        List<Double> measured = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            measured.add(perSecond(files, fitting));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(
                Locale.ROOT,
                "%s: %.0f pictures a second of processor time (%.0f to %.0f, n = %d of %d)",
                what,
                measured.stream().sorted().skip(repetitions / 2).findFirst().orElseThrow(),
                Collections.min(measured),
                Collections.max(measured),
                repetitions,
                pictures));
        out.flush();
    }

    private double perSecond(List<byte[]> files, Fitting fitting) throws PictureException {
        long begin = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < pictures; i++) {
            reader.read(files.get(i % files.size()), fitting);
        }
        return pictures * NANOS / (threads.getCurrentThreadCpuTime() - begin);
    }

    /** Shapes and shades as coarse as a photograph's: a JPEG of one has about 50 kB. */
    private static List<byte[]> drawn() throws IOException {
        Random random = new Random(1);
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < DRAWN; i++) {
            BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            for (int shape = 0; shape < 2000; shape++) {
                graphics.setColor(new Color(random.nextInt(1 << 24)));
                graphics.fillOval(
                        random.nextInt(WIDTH), random.nextInt(HEIGHT), random.nextInt(40), random.nextInt(40));
            }
            graphics.dispose();
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            ImageIO.write(image, "jpeg", file);
            files.add(file.toByteArray());
        }
        return files;
    }

    private List<byte[]> zipped() throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (ZipFile archive = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : Collections.list(archive.entries())) {
                if (!entry.isDirectory() && files.size() < pictures) {
                    files.add(archive.getInputStream(entry).readAllBytes());
                }
            }
        }
        if (files.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), zip + " has no files in it");
        }
        return files;
    }
}
