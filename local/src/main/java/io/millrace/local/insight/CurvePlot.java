// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.insight;

import io.millrace.local.Refusal;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.SeriesRenderingOrder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Curves over the steps of a run, as a picture. */
final class CurvePlot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 300;
    private static final int SHARPNESS = 2;
    private static final double DOT = 7;
    private static final float FAINT = 0.28f;

    private CurvePlot() {}

    /**
     * One curve.
     *
     * @param name below the plot; null: the curve before it has it already
     * @param colour its number in the theme
     * @param style how it is drawn
     * @param points {@code [step, value]} each, by step
     */
    record Curve(String name, int colour, Style style, List<double[]> points) {}

    /** How a curve is drawn. */
    enum Style {
        LINE,
        /** Behind another one: each single value. */
        FAINT,
        /** Few points: dots with a line through them. */
        DOTS
    }

    /**
     * The plot, PNG.
     *
     * @param unit of the values, at the axis
     * @throws Refusal when this machine cannot draw text
     */
    static byte[] png(String unit, List<Curve> curves, Theme theme) {
        try (ByteArrayOutputStream file = new ByteArrayOutputStream()) {
            BufferedImage image = chart(unit, curves, theme)
                    .createBufferedImage(SHARPNESS * WIDTH, SHARPNESS * HEIGHT, WIDTH, HEIGHT, null);
            ChartUtils.writeBufferedImageAsPNG(file, image);
            return file.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a picture cannot be written into memory", e);
        } catch (InternalError | LinkageError e) {
            throw new Refusal(
                    "curves need fonts, and there are none on this machine (" + e
                            + "). Install some (Debian, Ubuntu: apt install fontconfig fonts-dejavu-core)",
                    e);
        }
    }

    private static JFreeChart chart(String unit, List<Curve> curves, Theme theme) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        for (int k = 0; k < curves.size(); k++) {
            Curve curve = curves.get(k);
            XYSeries series = new XYSeries(k + (curve.name() == null ? "" : curve.name()));
            curve.points().forEach(point -> series.add(point[0], point[1]));
            dataset.addSeries(series);
            dress(renderer, k, curve, theme);
        }
        renderer.setLegendItemLabelGenerator((data, k) -> curves.get(k).name());
        XYPlot plot = new XYPlot(dataset, axis("step", theme), axis(unit, theme), renderer);
        plot.setBackgroundPaint(theme.ground());
        plot.setOutlineVisible(false);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinePaint(theme.grid());
        plot.setRangeGridlineStroke(new BasicStroke(1));
        // Single values lie behind the curve through them, which comes after.
        plot.setSeriesRenderingOrder(SeriesRenderingOrder.FORWARD);
        JFreeChart chart = new JFreeChart(null, null, plot, true);
        chart.setBackgroundPaint(theme.ground());
        chart.setPadding(new RectangleInsets(6, 2, 2, 12));
        chart.getLegend().setBackgroundPaint(theme.ground());
        chart.getLegend().setFrame(BlockBorder.NONE);
        chart.getLegend().setItemPaint(theme.ink());
        chart.getLegend().setItemFont(font(12));
        return chart;
    }

    private static void dress(XYLineAndShapeRenderer renderer, int k, Curve curve, Theme theme) {
        boolean faint = curve.style() == Style.FAINT;
        Color colour = theme.line(curve.colour());
        renderer.setSeriesPaint(k, faint ? between(theme.ground(), colour) : colour);
        renderer.setSeriesStroke(k, new BasicStroke(faint ? 1 : 2));
        renderer.setSeriesShapesVisible(k, curve.style() == Style.DOTS);
        renderer.setSeriesShape(k, new Ellipse2D.Double(-DOT / 2, -DOT / 2, DOT, DOT));
        renderer.setSeriesVisibleInLegend(k, curve.name() != null);
    }

    /** Without transparency, so that the picture has few colours and stays small. */
    private static Color between(Color ground, Color colour) {
        return new Color(
                Math.round(ground.getRed() + (colour.getRed() - ground.getRed()) * FAINT),
                Math.round(ground.getGreen() + (colour.getGreen() - ground.getGreen()) * FAINT),
                Math.round(ground.getBlue() + (colour.getBlue() - ground.getBlue()) * FAINT));
    }

    private static ValueAxis axis(String name, Theme theme) {
        NumberAxis axis = new NumberAxis(name);
        axis.setAutoRangeIncludesZero(false);
        axis.setLowerMargin(0.02);
        axis.setUpperMargin(0.03);
        axis.setLabelFont(font(12));
        axis.setTickLabelFont(font(11));
        axis.setLabelPaint(theme.ink());
        axis.setTickLabelPaint(theme.ink());
        axis.setAxisLinePaint(theme.grid());
        axis.setTickMarksVisible(false);
        return axis;
    }

    private static Font font(int size) {
        return new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }
}
