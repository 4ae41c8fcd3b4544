// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.contracts.event.ImageShape;
import io.millrace.contracts.event.InputConvention;
import io.millrace.image.Fitting;
import io.millrace.image.PictureException;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Pictures per second of one thread, from a JPEG's bytes to what a network takes, by the time of the processor: what publishing
 * pictures of one's own costs a core. The pictures are made here: waves in each channel, and noise as a camera has it.
 */
@Command(
        name = "decode",
        mixinStandardHelpOptions = true,
        description = "Measures reading and fitting JPEGs by one thread, in images per second of processor time.")
final class Decode implements Callable<Integer> {
    private static final int WARM_UP = 3;

    @Option(names = "--source", defaultValue = "500x375", description = "Their size, WxH (${DEFAULT-VALUE}).")
    private String source;

    @Option(
            names = "--shape",
            defaultValue = "3x224x224",
            description = "What they are made, CxHxW (${DEFAULT-VALUE}).")
    private String shape;

    @Option(names = "--images", defaultValue = "200", description = "Different pictures (${DEFAULT-VALUE}).")
    private int images;

    @Option(names = "--repetitions", defaultValue = "5", description = "Measurements over all (${DEFAULT-VALUE}).")
    private int repetitions;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(new CommandLine(new Decode()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, PictureException {
        List<byte[]> files = new ArrayList<>();
        for (int seed = 0; seed < images; seed++) {
            files.add(picture(seed));
        }
        PictureReader reader = new PictureReader(ReadLimits.DEFAULT);
        Fitting fitting = Fitting.of(InputConvention.PHOTO, ImageShape.of(shape));
        for (int turn = 0; turn < WARM_UP; turn++) {
            read(reader, fitting, files);
        }
        double[] rates = new double[repetitions];
        for (int k = 0; k < repetitions; k++) {
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            read(reader, fitting, files);
            rates[k] = images / ((ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e9);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(Hardware.describe());
        out.printf(
                "JPEGs of %s, %d bytes each, to %s: images per second of processor time%n",
                source, files.stream().mapToInt(file -> file.length).sum() / images, shape);
        out.println(Spread.heads(9));
        out.println(Spread.of(rates).cells("%9.1f"));
        out.flush();
        return 0;
    }

    private static void read(PictureReader reader, Fitting fitting, List<byte[]> files) throws PictureException {
        for (byte[] file : files) {
            reader.read(file, fitting);
        }
    }

    private byte[] picture(int seed) throws IOException {
        String[] sides = source.split("x");
        int width = Integer.parseInt(sides[0]);
        int height = Integer.parseInt(sides[1]);
        Random random = new Random(seed);
        double[] waves = random.doubles(9, 0.005, 0.06).toArray();
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int band = 0; band < 3; band++) {
                    double value = 128
                            + 60 * Math.sin(x * waves[3 * band] + seed)
                            + 40 * Math.sin(y * waves[3 * band + 1] - seed)
                            + 20 * Math.sin((x + y) * waves[3 * band + 2])
                            + 6 * random.nextGaussian();
                    image.getRaster().setSample(x, y, band, (int) Math.max(0, Math.min(255, value)));
                }
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", bytes);
        return bytes.toByteArray();
    }
}
