package org.preferencelearning.experiments.online;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.StudyMapper;

/** Drawn pairs as JSON lines of tokens; the first line counts. */
final class DrawnPairsCodec implements Codec<DrawnPairs> {
    private static final String FILE = "pairs.jsonl";

    private record Head(int pairs, int ties) {}

    private record Line(int[] prompt, int[] chosen, int[] rejected, double margin, double weight) {}

    @Override
    public void write(DrawnPairs drawn, Path folder) throws IOException {
        ObjectMapper mapper = StudyMapper.line();
        try (BufferedWriter out = Files.newBufferedWriter(folder.resolve(FILE))) {
            out.write(mapper.writeValueAsString(new Head(drawn.pairs().size(), drawn.ties())));
            out.newLine();
            for (TokenPair pair : drawn.pairs()) {
                TokenSequence chosen = pair.chosen();
                out.write(mapper.writeValueAsString(new Line(
                        Arrays.copyOf(chosen.tokens(), chosen.promptLength()),
                        response(chosen),
                        response(pair.rejected()),
                        pair.margin().orElseThrow(),
                        pair.weight())));
                out.newLine();
            }
        }
    }

    private static int[] response(TokenSequence sequence) {
        return Arrays.copyOfRange(sequence.tokens(), sequence.promptLength(), sequence.length());
    }

    @Override
    public DrawnPairs read(Path folder) throws IOException {
        ObjectMapper mapper = StudyMapper.line();
        List<String> lines = Files.readAllLines(folder.resolve(FILE));
        Head head = mapper.readValue(lines.get(0), Head.class);
        List<TokenPair> pairs = new ArrayList<>();
        for (String text : lines.subList(1, 1 + head.pairs())) {
            Line line = mapper.readValue(text, Line.class);
            pairs.add(new TokenPair(
                    sequence(line.prompt(), line.chosen()),
                    sequence(line.prompt(), line.rejected()),
                    OptionalDouble.of(line.margin()),
                    line.weight()));
        }
        return new DrawnPairs(pairs, head.ties());
    }

    private static TokenSequence sequence(int[] prompt, int[] response) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + response.length);
        System.arraycopy(response, 0, tokens, prompt.length, response.length);
        return new TokenSequence(tokens, prompt.length);
    }
}
