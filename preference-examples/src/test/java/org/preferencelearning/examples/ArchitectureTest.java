package org.preferencelearning.examples;

import static com.tngtech.archunit.base.DescribedPredicate.anyElementThat;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Random;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.internal.runtime.QuietGradients;
import org.preferencelearning.experiments.run.ConsoleProgress;

/** Modules point one way: examples, spark, experiments, gpt2, core. */
@AnalyzeClasses(
        packages = "org.preferencelearning",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKit.class})
class ArchitectureTest {
    /** The jar of a module's tests. */
    static final class NoTestKit implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String CORE = "org.preferencelearning.core..";
    private static final String GPT2 = "org.preferencelearning.gpt2..";
    private static final String EXPERIMENTS = "org.preferencelearning.experiments..";
    private static final String SPARK = "org.preferencelearning.spark..";
    private static final String INTERNAL = "org.preferencelearning.*.internal..";
    private static final String EXAMPLES = "org.preferencelearning.examples..";

    @ArchTest
    static final ArchRule CORE_KNOWS_NO_OTHER_MODULE = noClasses()
            .that()
            .resideInAPackage(CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(GPT2, EXPERIMENTS, SPARK, EXAMPLES);

    @ArchTest
    static final ArchRule GPT2_KNOWS_ONLY_CORE = noClasses()
            .that()
            .resideInAPackage(GPT2)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(EXPERIMENTS, SPARK, EXAMPLES);

    @ArchTest
    static final ArchRule EXPERIMENTS_KNOW_NEITHER_SPARK_NOR_EXAMPLES = noClasses()
            .that()
            .resideInAPackage(EXPERIMENTS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SPARK, EXAMPLES, "org.apache.spark..");

    @ArchTest
    static final ArchRule SPARK_DOES_NOT_KNOW_EXAMPLES = noClasses()
            .that()
            .resideInAPackage(SPARK)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(EXAMPLES);

    @ArchTest
    static final ArchRule PACKAGES_POINT_ONE_WAY = SlicesRuleDefinition.slices()
            .matching("org.preferencelearning.(**)")
            .should()
            .beFreeOfCycles();

    /** What users call neither takes nor returns what may change at any release. */
    @ArchTest
    static final ArchRule INTERNALS_ARE_IN_NO_SIGNATURE = codeUnits()
            .that(describe("users can call", ArchitectureTest::isForUsers))
            .should()
            .notHaveRawReturnType(resideInAPackage(INTERNAL))
            .andShould()
            .notHaveRawParameterTypes(anyElementThat(resideInAPackage(INTERNAL)));

    private static boolean isForUsers(JavaCodeUnit unit) {
        boolean reachable = unit.getModifiers().contains(JavaModifier.PUBLIC)
                || unit.getModifiers().contains(JavaModifier.PROTECTED);
        return reachable
                && unit.getOwner().getModifiers().contains(JavaModifier.PUBLIC)
                && !resideInAPackage(INTERNAL).test(unit.getOwner());
    }

    @ArchTest
    static final ArchRule EXAMPLES_FOR_USERS_NEED_NO_INTERNALS = noClasses()
            .that()
            .resideInAPackage("org.preferencelearning.examples.own..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(INTERNAL);

    @ArchTest
    static final ArchRule NO_LIBRARY_PICKS_A_BACKEND = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j.linalg.cpu..", "org.nd4j.linalg.jcublas..");

    @ArchTest
    static final ArchRule ONLY_LIBTORCH_IS_CALLED_BY_C_IN_GPT2 = noClasses()
            .that()
            .resideInAPackage(GPT2)
            .and()
            .resideOutsideOfPackage("org.preferencelearning.gpt2.internal.torch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    /** Classes that are the host device, or the one place where values cross from it to another. */
    private static final Set<String> HOST = Set.of(
            "HostValues",
            "LanguageModelHead",
            "TokenSampler",
            "RowStatistics",
            "HostFloats",
            "ParameterStore",
            "TorchTensor",
            "TorchGraph");

    /** A value that is read where it happens to be would be out of date, or copied back from a device, one by one. */
    @ArchTest
    static final ArchRule ONLY_THE_HOST_DEVICE_READS_ARRAYS = noClasses()
            .that(describe(
                    "train or run models, and are not the host device",
                    type -> resideInAnyPackage(
                                            "org.preferencelearning.core.model..",
                                            "org.preferencelearning.core.train..",
                                            "org.preferencelearning.gpt2.model..",
                                            "org.preferencelearning.gpt2.internal.torch..",
                                            EXPERIMENTS)
                                    .test(type)
                            && !HOST.contains(
                                    type.getName().replaceAll("\\$.*", "").replaceAll(".*\\.", ""))))
            .should()
            .callMethodWhere(describe(
                    "an array's values are read",
                    call -> call.getTargetOwner().isAssignableTo(INDArray.class)
                            && call.getName().matches("data|get(Double|Float|Int|Long|Number)|to\\w+(Vector|Matrix)")));

    @ArchTest
    static final ArchRule LIBRARIES_DO_NOT_PRINT = noClasses()
            .that()
            .resideOutsideOfPackage(EXAMPLES)
            // The one keeps ND4J from printing; of the other, printing is the purpose.
            .and()
            .doNotBelongToAnyOf(QuietGradients.class, ConsoleProgress.class)
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

    /** Elsewhere ND4J's lines would reach standard output. */
    @ArchTest
    static final ArchRule GRAPHS_ARE_DIFFERENTIATED_IN_ONE_PLACE = noClasses()
            .that()
            .doNotBelongToAnyOf(QuietGradients.class)
            .should()
            .callMethod(SameDiff.class, "createGradFunction", String[].class)
            .orShould()
            .callMethod(SameDiff.class, "createGradFunction");

    @ArchTest
    static final ArchRule ONLY_ONE_SOURCE_OF_RANDOMNESS = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule LIBRARIES_DO_NOT_EXIT =
            noClasses().that().resideOutsideOfPackage(EXAMPLES).should().callMethod(System.class, "exit", int.class);

    @ArchTest
    static final ArchRule COMMANDS_ARE_NOT_AN_API =
            classes().that().haveSimpleNameEndingWith("Command").should().notBePublic();
}
