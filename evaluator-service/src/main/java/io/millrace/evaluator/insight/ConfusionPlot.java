// SPDX-License-Identifier: Apache-2.0
package io.millrace.evaluator.insight;

import io.millrace.contracts.event.EvaluationCompleted;
import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.DefaultXYZDataset;

/**
 * A confusion matrix as a picture: a row for each true class, a column for each predicted one, the darker (or, on a dark
 * ground, the lighter) the larger the cell's part of its row. Of that part the root is shown, since mistakes of one in a
 * hundred would not be seen beside what is right. Cells have their counts where there is room.
 */
public final class ConfusionPlot {
    private static final int MOST_WITH_COUNTS = 20;
    private static final int MOST_NAMED = 50;
    private static final int CELL = 44;
    private static final int LEAST_SIDE = 400;
    private static final int MOST_SIDE = 1000;
    private static final int MARGIN = 140;
    private static final int SHARPNESS = 2;
    private static final int LONG_NAME = 4;

    private final EvaluationCompleted evaluation;
    private final Theme theme;
    private final int classes;

    private ConfusionPlot(EvaluationCompleted evaluation, Theme theme) {
        this.evaluation = evaluation;
        this.theme = theme;
        this.classes = evaluation.confusionMatrix().size();
    }

    /** What it stands on. */
    public enum Theme {
        LIGHT(Color.WHITE, new Color(0x1f2328), new Color(0xf3f6fb), new Color(0x0b4a8f)),
        DARK(new Color(0x0d1117), new Color(0xe6edf3), new Color(0x161b22), new Color(0x79c0ff));

        private final Color ground;
        private final Color ink;
        private final Color least;
        private final Color most;

        Theme(Color ground, Color ink, Color least, Color most) {
            this.ground = ground;
            this.ink = ink;
            this.least = least;
            this.most = most;
        }

        private Color cell(double part) {
            double root = Math.sqrt(part);
            return new Color(
                    between(least.getRed(), most.getRed(), root),
                    between(least.getGreen(), most.getGreen(), root),
                    between(least.getBlue(), most.getBlue(), root));
        }

        private static int between(int from, int to, double part) {
            return (int) Math.round(from + (to - from) * part);
        }

        /** What is readable on a cell. */
        private Color text(double part) {
            return Math.sqrt(part) < 0.5 ? ink : ground;
        }
    }

    /**
     * The picture, PNG.
     *
     * @throws InsightUnavailableException when this machine cannot draw text
     */
    public static byte[] png(EvaluationCompleted evaluation, Theme theme) {
        Lettering.require();
        return new ConfusionPlot(evaluation, theme).png();
    }

    private byte[] png() {
        int side = Math.max(LEAST_SIDE, Math.min(MOST_SIDE, classes * CELL));
        int width = side + MARGIN;
        int height = side + MARGIN;
        BufferedImage image = chart().createBufferedImage(SHARPNESS * width, SHARPNESS * height, width, height, null);
        try (ByteArrayOutputStream file = new ByteArrayOutputStream()) {
            ChartUtils.writeBufferedImageAsPNG(file, image);
            return file.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a picture cannot be written into memory", e);
        }
    }

    private JFreeChart chart() {
        XYPlot plot = new XYPlot(cells(), axis("predicted", false), axis("true class", true), renderer());
        plot.setBackgroundPaint(theme.ground);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        if (classes <= MOST_WITH_COUNTS) {
            count(plot);
        }
        String title = String.format(
                Locale.ROOT,
                "%s: %.2f %% of %,d right",
                evaluation.checkpoint().checkpointId(),
                100 * evaluation.accuracy(),
                evaluation.samples());
        JFreeChart chart = new JFreeChart(title, font(14), plot, false);
        chart.getTitle().setPaint(theme.ink);
        chart.setBackgroundPaint(theme.ground);
        chart.setPadding(new RectangleInsets(12, 8, 8, 16));
        return chart;
    }

    private SymbolAxis axis(String name, boolean rows) {
        List<String> labels = evaluation.labels();
        SymbolAxis axis = new SymbolAxis(name, labels.toArray(String[]::new));
        axis.setInverted(rows);
        axis.setGridBandsVisible(false);
        axis.setRange(-0.5, classes - 0.5);
        axis.setTickUnit(new NumberTickUnit((classes + MOST_NAMED - 1) / MOST_NAMED));
        axis.setVerticalTickLabels(!rows && labels.stream().anyMatch(label -> label.length() > LONG_NAME));
        axis.setTickLabelFont(font(12));
        axis.setLabelFont(font(13));
        axis.setTickLabelPaint(theme.ink);
        axis.setLabelPaint(theme.ink);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
        return axis;
    }

    private XYBlockRenderer renderer() {
        XYBlockRenderer renderer = new XYBlockRenderer();
        renderer.setPaintScale(new PaintScale() {
            @Override
            public double getLowerBound() {
                return 0;
            }

            @Override
            public double getUpperBound() {
                return 1;
            }

            @Override
            public Paint getPaint(double part) {
                return theme.cell(part);
            }
        });
        return renderer;
    }

    private DefaultXYZDataset cells() {
        double[][] cells = new double[3][classes * classes];
        for (int row = 0; row < classes; row++) {
            for (int column = 0; column < classes; column++) {
                int cell = row * classes + column;
                cells[0][cell] = column;
                cells[1][cell] = row;
                cells[2][cell] = part(row, column);
            }
        }
        DefaultXYZDataset dataset = new DefaultXYZDataset();
        dataset.addSeries("parts", cells);
        return dataset;
    }

    private void count(XYPlot plot) {
        for (int row = 0; row < classes; row++) {
            for (int column = 0; column < classes; column++) {
                int count = evaluation.confusionMatrix().get(row).get(column);
                if (count > 0) {
                    XYTextAnnotation text = new XYTextAnnotation(Integer.toString(count), column, row);
                    text.setFont(font(12));
                    text.setPaint(theme.text(part(row, column)));
                    plot.addAnnotation(text);
                }
            }
        }
    }

    /** Of the samples of a class, those that are taken for another. */
    private double part(int row, int column) {
        List<Integer> counts = evaluation.confusionMatrix().get(row);
        int all = counts.stream().mapToInt(Integer::intValue).sum();
        return all == 0 ? 0 : (double) counts.get(column) / all;
    }

    private static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }
}
