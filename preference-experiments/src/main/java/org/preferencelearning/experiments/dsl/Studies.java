package org.preferencelearning.experiments.dsl;

import java.nio.file.Path;
import java.util.List;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.FunctionClass;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.datasize.EvaluationSpec;
import org.preferencelearning.experiments.datasize.Measure;
import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.IterationPolicy;
import org.preferencelearning.experiments.online.OnlineMethod;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.PairSelection;
import org.preferencelearning.experiments.online.PublicSelection;
import org.preferencelearning.experiments.online.ResponseSampler;
import org.preferencelearning.experiments.online.RewardSpec;
import org.preferencelearning.experiments.online.TiePolicy;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.BradleyTerry;
import org.preferencelearning.experiments.study.CatalogueLoss;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Column;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.FineTuningSpec;
import org.preferencelearning.experiments.study.GivenPairs;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.PairMethod;
import org.preferencelearning.experiments.study.PairSource;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.experiments.world.WorldReward;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * Entry points of the DSL, for static import.
 *
 * <pre>{@code
 * DataSizeStudy study = dataSizeStudy("rm-against-dpo")
 *     .model(nanoGpt2())
 *     .dataset(hhRlhf(Path.of("harmless-base.jsonl.gz")))
 *     .sizes(250, 500, 1000)
 *     .seeds(41, 42, 43)
 *     .compare(rewardModel(), dpo().beta(0.1))
 *     .measure(validationAccuracy());
 * }</pre>
 */
public final class Studies {
    private static final TrainingSettings PUBLISHED = TrainingSettings.defaults()
            .withEpochs(3)
            .withBatchSize(8, 8)
            .withLearningRate(1e-4)
            .withWeightDecay(0.05);

    private Studies() {}

    /** Begins a data-size study; it needs a model and a data set, the rest has defaults. */
    public static NeedsModel dataSizeStudy(String name) {
        return model -> dataset -> new DataSizeStudy(
                name,
                model,
                dataset,
                List.of(1000, 2000, 4000, 9000),
                List.of(41L, 42L, 43L),
                List.of(rewardModel(), dpo()),
                List.of(validationAccuracy()),
                0.1,
                0,
                EvaluationSpec.atEnd(),
                List.of(),
                List.of());
    }

    /** A study without a model. */
    @FunctionalInterface
    public interface NeedsModel {
        /** Sets what every cell starts from. */
        NeedsDataset model(ModelSpec model);
    }

    /** A study without a data set. */
    @FunctionalInterface
    public interface NeedsDataset {
        /** Sets where pairs come from. */
        DataSizeStudy dataset(DatasetSpec dataset);
    }

    /**
     * A GPT-2 that exists: a folder, or {@code owner/name} on the Hugging Face Hub, perhaps with {@code @revision}. Adapters, as
     * peft's and {@code Gpt2Policy.saveAdapter}'s, are merged into the model that their {@code adapter_config.json} names.
     */
    public static ModelSpec gpt2(String source) {
        return new ModelSpec.Pretrained(source, ParameterSelection.all());
    }

    /** A GPT-2 of the given shape with random weights, fine-tuned on the study's data first. */
    public static ModelSpec gpt2(Gpt2Config config) {
        return new ModelSpec.Fresh(config, FineTuningSpec.unpacked(PUBLISHED), ParameterSelection.all());
    }

    /**
     * Begins an online study; it needs a model and data, the rest has the published settings, but for the limit of prompts in
     * characters, which {@link OnlineStudy#asPublished} sets. The oracle and the weak reward of a generated world are its
     * truth and half of it; for other data they must be set.
     */
    public static NeedsOnlineModel onlineStudy(String name) {
        return model -> data -> new OnlineStudy(
                name,
                model,
                data,
                new RewardSpec.World(WorldReward.truth()),
                new RewardSpec.World(new WorldReward(0.5, 0)),
                ParameterSelection.frozen(embeddings(), blocks(0, 15)),
                List.of(onlineDpo(), policyGradient()),
                List.of(Condition.values()),
                4,
                new PromptSpec.OfData(),
                0,
                10_000,
                2_000,
                new ResponseSampler.FromPolicy(),
                SamplingSettings.of(128).withTemperature(0.7).withTopK(50).withSamplesPerPrompt(2),
                0.1,
                List.of(),
                new PublicSelection(PairSelection.MAX_MIN, 0),
                TiePolicy.DROP,
                IterationPolicy.published(),
                TrainingSettings.defaults()
                        .withEpochs(2)
                        .withBatchSize(64, 8)
                        .withLearningRate(5e-7)
                        .withSchedule(LearningRateSchedule.COSINE, 100),
                true,
                List.of(),
                256,
                List.of(41L, 42L, 43L),
                0);
    }

    /** An online study without a model. */
    @FunctionalInterface
    public interface NeedsOnlineModel {
        /** Sets what every cell starts from. */
        NeedsOnlineData model(ModelSpec model);
    }

    /** An online study without data. */
    @FunctionalInterface
    public interface NeedsOnlineData {
        /** Sets where prompts, and pairs for models of the study, come from. */
        OnlineStudy data(DatasetSpec data);
    }

    /** Online DPO with soft labels: {@code rev_kl}, the cross-entropy with the annotator's preference; beta 0.1. */
    public static OnlineMethod onlineDpo() {
        return new OnlineMethod("online DPO", "rev_kl", 0.1, true, false);
    }

    /**
     * Policy gradient in its published form, {@code regression}: on pairs of the current policy, the gradient of half the
     * squared difference of implicit and annotated margin is that of the regularised reward; beta 0.1.
     */
    public static OnlineMethod policyGradient() {
        return new OnlineMethod("policy gradient", "regression", 0.1, true, true);
    }

    /** DPO with soft labels on the first responses only. */
    public static OnlineMethod offlineDpo() {
        return new OnlineMethod("offline DPO", "rev_kl", 0.1, false, false);
    }

    /** A reward model or its folder, or a name on the Hub. */
    public static RewardSpec pretrainedReward(String source) {
        return new RewardSpec.Pretrained(source);
    }

    /** A reward model trained in the study on its own pairs. */
    public static RewardSpec trainedReward(MethodSpec.RewardModelMethod method, int pairs) {
        return new RewardSpec.Trained(method, pairs, 0);
    }

    /** The reward of a generated world that sees a share of the rewarded words. */
    public static RewardSpec worldReward(double visible) {
        return new RewardSpec.World(new WorldReward(visible, 0));
    }

    /** GPT-2 of 4 blocks and width 128, with random weights. */
    public static ModelSpec nanoGpt2() {
        return gpt2(Gpt2Config.nano());
    }

    /** The published GPT-2 with 774 million parameters. */
    public static ModelSpec gpt2Large() {
        return gpt2("openai-community/gpt2-large");
    }

    /** The token embeddings, and with them the tied output head; not the positions. */
    public static ParameterGroup embeddings() {
        return ParameterGroup.embeddings();
    }

    /** Blocks {@code from} to {@code to - 1}, counted from 0. */
    public static ParameterGroup blocks(int from, int to) {
        return ParameterGroup.blocks(from, to);
    }

    /** Only a reward model's scalar head is trained. */
    public static ParameterSelection onlyHead() {
        return ParameterSelection.onlyHead();
    }

    /** Only a reward model's scalar head and the last block's feed-forward part are trained. */
    public static ParameterSelection onlyLastBlockMlpAndHead() {
        return ParameterSelection.onlyLastBlockMlpAndHead();
    }

    /** The 10,000 pairs of Section 4, from the Hub; {@link #better()} unless the study's objective is {@link #safer()}. */
    public static DatasetSpec pkuSafeRlhf10k() {
        return new DatasetSpec.Hub(
                DatasetSpec.Format.PKU_BETTER, "PKU-Alignment/PKU-SafeRLHF-10K", "round0/train.jsonl.xz");
    }

    /** Anthropic's hh-rlhf: transcripts in {@code chosen} and {@code rejected}. */
    public static DatasetSpec hhRlhf(Path file) {
        return new DatasetSpec.File(DatasetSpec.Format.HH_RLHF, file.toString());
    }

    /** PKU-SafeRLHF; {@link #better()} is its chosen response unless the study's objective is {@link #safer()}. */
    public static DatasetSpec pkuSafeRlhf(Path file) {
        return new DatasetSpec.File(DatasetSpec.Format.PKU_BETTER, file.toString());
    }

    /** Rows of {@code prompt}, {@code chosen} and {@code rejected}. */
    public static DatasetSpec promptChosenRejected(Path file) {
        return new DatasetSpec.File(DatasetSpec.Format.PROMPT_CHOSEN_REJECTED, file.toString());
    }

    /** Rows of another schema, in a file, a folder, or the files that a pattern matches. */
    public static DatasetSpec pairsOf(DatasetSpec.Format format, Path source) {
        return new DatasetSpec.File(format, source.toString());
    }

    /** The file's column that holds prompts; for {@link DatasetSpec#columns}. */
    public static Column prompt(String column) {
        return column("prompt", column);
    }

    /** The file's column that holds chosen responses; for {@link DatasetSpec#columns}. */
    public static Column chosen(String column) {
        return column("chosen", column);
    }

    /** The file's column that holds rejected responses; for {@link DatasetSpec#columns}. */
    public static Column rejected(String column) {
        return column("rejected", column);
    }

    /** The file's column that stands for a field of the format; for {@link DatasetSpec#columns}. */
    public static Column column(String field, String column) {
        return new Column(field, column);
    }

    /** Prompts of a JSON-lines file with a field {@code prompt}; each is wrapped in the public code's template. */
    public static PromptSpec promptFile(Path file) {
        return new PromptSpec.File(file.toString());
    }

    /**
     * The prompts of Section 3, from the Hub. The file's name within the repository is as other public scripts use it; it
     * could not be checked against the Hub.
     */
    public static PromptSpec pkuSafeRlhfPrompts() {
        return new PromptSpec.Hub("PKU-Alignment/PKU-SafeRLHF-prompt", "data/PKU-SafeRLHF-prompts.jsonl");
    }

    /** Pairs that are written down with the study, in GPT-2's tokens. */
    public static DatasetSpec pairs(String label, List<PreferencePair> pairs) {
        return pairs(new GivenPairs(label, pairs, List.of()));
    }

    /** Pairs from your own code. */
    public static DatasetSpec pairs(PairSource source) {
        return new DatasetSpec.Own(source);
    }

    /** Pairs of a generated world with a sparse reward, whose truth is known. */
    public static DatasetSpec sparseTextWorld(SparseTextWorld world, int pairs) {
        return new DatasetSpec.World(world, pairs);
    }

    /** The more helpful response is the chosen one. */
    public static Criterion better() {
        return Criterion.BETTER;
    }

    /** The safer response is the chosen one. */
    public static Criterion safer() {
        return Criterion.SAFER;
    }

    /** A Bradley-Terry reward model, trained and tokenised as the public code of Section 4 does. */
    public static MethodSpec.RewardModelMethod rewardModel() {
        return new MethodSpec.RewardModelMethod(
                "", BradleyTerry.plain(), PUBLISHED, Tokenization.dataSizeRewardModel(), ParameterSelection.all(), 0);
    }

    /** DPO with beta 0.1, trained and tokenised as the public code of Section 4 does. */
    public static MethodSpec.DirectMethod dpo() {
        return new MethodSpec.DirectMethod(
                "", new CatalogueLoss("sigmoid", 0.1), PUBLISHED, Tokenization.dataSizeDpo());
    }

    /** A method of your own, trained and tokenised as DPO is unless it is told otherwise. */
    public static MethodSpec.OwnMethod method(PairMethod method) {
        return new MethodSpec.OwnMethod("", method, PUBLISHED, Tokenization.dataSizeDpo());
    }

    /** Share of held-out pairs that are ranked as labelled. */
    public static Measure validationAccuracy() {
        return new Measure.Accuracy();
    }

    /** Mean loss on held-out pairs. */
    public static Measure validationLoss() {
        return new Measure.Loss();
    }

    /** A study of exact optimisation over one prompt's responses; unrestricted classes and a uniform reference at first. */
    public static ExactStudy exactStudy(String name, double beta, double... trueReward) {
        return ExactStudy.of(name, beta, trueReward);
    }

    /** Functions linear in features, one row a response: linear rewards, or log-linear policies. */
    public static FunctionClass linearIn(double[][] features) {
        return FunctionClass.linear(FeatureMap.of(features));
    }

    /** All rewards, or all policies. */
    public static FunctionClass all() {
        return FunctionClass.unrestricted();
    }

    /** Population reward MLE, then the best policy of the class. */
    public static ExactMethod rlhf() {
        return new ExactMethod.Rlhf();
    }

    /** DPO over the population of pairs from the reference. */
    public static ExactMethod populationDpo() {
        return new ExactMethod.Dpo();
    }

    /** DPO whose pairs come from a sampler that moves with the policy. */
    public static ExactMethod onlineDpo(Sampler sampler) {
        return new ExactMethod.OnlineDpo(sampler);
    }

    /** The exact policy gradient under the fitted reward. */
    public static ExactMethod exactPolicyGradient() {
        return new ExactMethod.PolicyGradient();
    }

    /** Both responses from the current policy. */
    public static Sampler onPolicy() {
        return Sampler.ON_POLICY;
    }

    /** The paper's Definition 1. */
    public static Sampler pilaf() {
        return Sampler.PILAF;
    }

    /** Both responses from the reference policy. */
    public static Sampler fixedReference() {
        return Sampler.REFERENCE;
    }

    /** A study of how errors fall with the number of pairs when the true reward is sparse. */
    public static SampleComplexityStudy sampleComplexityStudy(String name) {
        return SampleComplexityStudy.of(name);
    }

    /** Section 3 with a GPT-2 in a world that can be summed over. */
    public static DualTokenStudy dualTokenStudy(String name) {
        return DualTokenStudy.of(name);
    }

    /** Section 4 with a GPT-2 in such a world. */
    public static DualTokenSampleStudy dualTokenSampleStudy(String name) {
        return DualTokenSampleStudy.of(name);
    }

    /** That one method's policies earn more of the true reward than another's under a condition: an online study's claim. */
    public static Claim better(Condition condition, String better, String worse, String source) {
        return OnlineStudy.better(condition, better, worse, source);
    }

    /** That one method's models rank more held-out pairs right than another's, at every size: a data-size study's claim. */
    public static Claim moreAccurate(String better, String worse, String source) {
        return DataSizeStudy.moreAccurate(better, worse, source);
    }

    /** That one method's value is larger than another's: an exact study's claim. */
    public static Claim better(String better, String worse, String source) {
        return ExactStudy.better(better, worse, source);
    }

    /** The processor, by oneDNN and ND4J: {@code Runners.local(folder).device(cpu())}, as is a runner that is told nothing. */
    public static ComputeDevice cpu() {
        return ComputeDevice.cpu();
    }

    /** The processor, by libtorch: the same path as a GPU's, to try it where there is none. */
    public static ComputeDevice torchCpu() {
        return ComputeDevice.torchCpu();
    }

    /**
     * A GPU of NVIDIA, by libtorch: {@code Runners.local(folder).device(cuda(0)).precision(bfloat16())}.
     *
     * @param index which, from 0
     */
    public static ComputeDevice cuda(int index) {
        return ComputeDevice.cuda(index);
    }

    /** Products with weights as they are. */
    public static MatrixPrecision float32() {
        return MatrixPrecision.FLOAT32;
    }

    /** Products with weights of factors rounded to bfloat16; weights, sums and moments stay in float32. */
    public static MatrixPrecision bfloat16() {
        return MatrixPrecision.BFLOAT16;
    }
}
