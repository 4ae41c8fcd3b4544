// SPDX-License-Identifier: Apache-2.0
package io.millrace.dataset.source.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.contracts.batch.Split;
import io.millrace.contracts.event.Dataset;
import io.millrace.dataset.source.Contents;
import io.millrace.dataset.source.Contents.Skipped;
import io.millrace.dataset.source.DataSource;
import io.millrace.dataset.source.DatasetUnavailableException;
import io.millrace.dataset.source.Decoders;
import io.millrace.dataset.source.ImageSet;
import io.millrace.image.PictureReader;
import io.millrace.image.ReadLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** From files to a data set. Used once. */
final class Opening {
    private static final int NAMED = 5;
    private static final int LISTED = 100;
    /** What is made of the same files changes with it. */
    private static final String VERSION = "1";

    private final String name;
    private final Path place;
    private final FileTree tree;
    private final Layout layout;
    private final PictureFolder.Options options;
    private final PictureReader reader = new PictureReader(ReadLimits.DEFAULT);
    private final List<Skipped> skipped = new ArrayList<>();
    private List<Layout.Item> items;
    private long[] fingerprints;

    Opening(String name, Path place, FileTree tree, Layout layout, PictureFolder.Options options) {
        this.name = name;
        this.place = place;
        this.tree = tree;
        this.layout = layout;
        this.options = options;
        tree.passedOver().stream()
                .filter(file -> EntryNames.path(file.file())
                        .filter(EntryNames::isLitter)
                        .isEmpty())
                .forEach(skipped::add);
        skipped.addAll(layout.skipped());
    }

    DataSource open(Path cache, Decoders decoders) throws DatasetUnavailableException, InterruptedException {
        readable(decoders);
        Split[] splits = TestShare.splits(items, fingerprints, layout.classes().size(), options.testShare());
        Path kept = cache.resolve(key(splits) + ".json");
        Optional<Findings> before = Findings.kept(kept);
        Findings findings;
        if (before.isPresent()) {
            findings = before.get();
        } else {
            findings = new Survey(sources(splits), PictureFolder.CONVENTION, options.size(), reader).findings(decoders);
            findings.keep(kept);
        }
        findings.unusable()
                .forEach((index, why) ->
                        skipped.add(new Skipped(items.get(index).file().path(), why)));
        checkShare();
        int[] train = of(Split.TRAIN, splits, findings);
        int[] test = of(Split.TEST, splits, findings);
        checkSplits(train, test, findings);
        Dataset info = new Dataset(
                        name,
                        findings.digest(),
                        train.length,
                        test.length,
                        findings.channels(),
                        findings.height(),
                        findings.width(),
                        layout.classes(),
                        findings.normalization())
                .with(PictureFolder.CONVENTION);
        return new PictureFolder(
                tree, items, fingerprints, train, test, info, reader, source -> contents(source, findings));
    }

    /** Those that can be read at all, with what tells their contents apart. */
    private void readable(Decoders decoders) throws DatasetUnavailableException, InterruptedException {
        long[] all = new long[layout.items().size()];
        Map<Integer, String> failed = new TreeMap<>();
        decoders.each(all.length, index -> {
            try {
                all[index] = PictureFolder.fingerprint(
                        tree.read(layout.items().get(index).file(), ReadLimits.DEFAULT.bytes()));
            } catch (IOException e) {
                synchronized (failed) {
                    failed.put(index, e.getMessage());
                }
            }
        });
        failed.forEach((index, why) ->
                skipped.add(new Skipped(layout.items().get(index).file().path(), why)));
        int[] kept = IntStream.range(0, all.length)
                .filter(index -> !failed.containsKey(index))
                .toArray();
        items = Arrays.stream(kept).mapToObj(layout.items()::get).toList();
        fingerprints = Arrays.stream(kept).mapToLong(index -> all[index]).toArray();
    }

    private String key(Split[] splits) {
        MessageDigest sha256 = ImageSet.digest("SHA-256");
        String asked = VERSION + "|" + PictureFolder.CONVENTION + "|" + options.size() + "|" + layout.classes();
        sha256.update(asked.getBytes(UTF_8));
        for (int k = 0; k < items.size(); k++) {
            sha256.update(items.get(k).file().path().getBytes(UTF_8));
            sha256.update(ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
                    .putInt(items.get(k).label())
                    .putInt(splits[k].ordinal())
                    .putLong(fingerprints[k])
                    .flip());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private Survey.Sources sources(Split[] splits) {
        return new Survey.Sources() {
            @Override
            public int size() {
                return items.size();
            }

            @Override
            public byte[] bytes(int index) throws DatasetUnavailableException {
                String path = items.get(index).file().path();
                try {
                    return tree.read(items.get(index).file(), ReadLimits.DEFAULT.bytes());
                } catch (IOException e) {
                    throw new DatasetUnavailableException(
                            "\"" + path + "\" could be read a moment ago and cannot any more (" + e.getMessage()
                                    + "); leave " + place + " as it is while it is read",
                            e);
                }
            }

            @Override
            public Split split(int index) {
                return splits[index];
            }

            @Override
            public int label(int index) {
                return items.get(index).label();
            }
        };
    }

    private static int[] of(Split split, Split[] splits, Findings findings) {
        return IntStream.range(0, splits.length)
                .filter(index -> splits[index] == split && !findings.unusable().containsKey(index))
                .toArray();
    }

    private void checkShare() throws DatasetUnavailableException {
        int all = layout.items().size()
                + layout.skipped().size()
                + tree.passedOver().size();
        double share = (double) skipped.size() / Math.max(1, all);
        if (share > options.maxBadShare()) {
            throw new DatasetUnavailableException(String.format(
                    Locale.ROOT,
                    "%d of the %d files in %s cannot be used, more than the %.3g %% of"
                            + " millrace.dataset.max-bad-share: %s; mend or remove them, or raise that share",
                    skipped.size(),
                    all,
                    place,
                    100 * options.maxBadShare(),
                    named()));
        }
    }

    private String named() {
        String some = skipped.stream()
                .limit(NAMED)
                .map(file -> "\"" + file.file() + "\" (" + file.reason() + ")")
                .collect(Collectors.joining(", "));
        return skipped.size() > NAMED ? some + ", …" : some;
    }

    private void checkSplits(int[] train, int[] test, Findings findings) throws DatasetUnavailableException {
        boolean[] trained = new boolean[layout.classes().size()];
        Arrays.stream(train).forEach(index -> trained[items.get(index).label()] = true);
        for (int label = 0; label < trained.length; label++) {
            if (!trained[label]) {
                throw new DatasetUnavailableException(
                        "class \"" + layout.classes().get(label) + "\" in " + place
                                + " has no training image that can be used"
                                + (skipped.isEmpty() ? "" : ": " + named()) + "; add some, or remove the class");
            }
        }
        if (test.length == 0) {
            throw new DatasetUnavailableException(place + " has no test images that can be used; put some into the"
                    + " folder test, or put all classes side by side: then "
                    + Math.round(100 * options.testShare()) + " % of each are taken");
        }
        if (findings.duplicates() == test.length) {
            throw new DatasetUnavailableException("all " + test.length + " test images in " + place
                    + " are in the training split, too, so that testing on them says nothing; use others");
        }
    }

    private Contents contents(DataSource source, Findings findings) {
        return Contents.of(
                layout.kind(),
                source,
                findings.sizes(),
                findings.duplicates(),
                skipped.size(),
                skipped.stream().limit(LISTED).toList(),
                layout.notes());
    }
}
