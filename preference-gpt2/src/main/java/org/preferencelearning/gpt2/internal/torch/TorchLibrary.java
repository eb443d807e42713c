package org.preferencelearning.gpt2.internal.torch;

import static java.util.Objects.requireNonNull;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.DeviceException;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where libtorch is, and which. It is looked for
 *
 * <ol>
 *   <li>in the folder that the property {@value #PROPERTY} names,
 *   <li>in that of the environment variable {@value #VARIABLE},
 *   <li>where the Python on the path has its {@code torch},
 *   <li>on the class path, in {@code org.bytedeco:pytorch} of this platform, of which nothing else is used.
 * </ol>
 *
 * What is named must be there: only where neither is set, the next place is looked into.
 *
 * @param folder of the libraries
 * @param major of the release
 * @param minor of the release
 */
public record TorchLibrary(Path folder, int major, int minor) {
    /** Property with the folder of the libraries, or of the Python package. */
    public static final String PROPERTY = "preference.torch";
    /** Environment variable with the same. */
    public static final String VARIABLE = "PREFERENCE_TORCH";

    /** First release whose C functions are kept stable. */
    private static final int LEAST_MAJOR = 2;

    private static final int LEAST_MINOR = 10;

    private static final Logger LOG = LoggerFactory.getLogger(TorchLibrary.class);
    private static final int PYTHON_SECONDS = 20;
    private static final String IN_PYTHON =
            "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";

    private static @Nullable TorchLibrary loaded;

    /**
     * The library of this process; it is found and loaded by the first call.
     *
     * @throws DeviceException if it is not found, or is too old; later calls look again
     */
    public static synchronized TorchLibrary loaded() {
        if (loaded == null) {
            loaded = load(find(System.getProperty(PROPERTY), System.getenv(VARIABLE)));
            LOG.info("libtorch {}.{} of {}", loaded.major, loaded.minor, loaded.folder);
        }
        return loaded;
    }

    /** Whether the library has code for GPUs of NVIDIA. */
    public boolean hasCuda() {
        return Files.exists(library("torch_cuda"));
    }

    private Path library(String name) {
        return folder.resolve(System.mapLibraryName(name));
    }

    @Override
    public String toString() {
        return "libtorch " + major + "." + minor + " of " + folder;
    }

    void requireCuda() {
        if (!hasCuda()) {
            throw new DeviceException(this + " has no code for GPUs: "
                    + library("torch_cuda").getFileName() + " is missing; needed: a build for CUDA");
        }
        try {
            TorchCuda.bind(NativeLibrary.getInstance(library("torch_cuda").toString()));
        } catch (UnsatisfiedLinkError e) {
            throw new DeviceException(this + " cannot be used for GPUs: " + e.getMessage(), e);
        }
    }

    /** The folder to load from. */
    static Path find(@Nullable String property, @Nullable String variable) {
        if (property != null) {
            return inNamed("the property " + PROPERTY, Path.of(property));
        }
        if (variable != null && !variable.isEmpty()) {
            return inNamed("the variable " + VARIABLE, Path.of(variable));
        }
        return ofPython()
                .flatMap(TorchLibrary::libraries)
                .or(TorchLibrary::onClassPath)
                .orElseThrow(
                        () -> new DeviceException("libtorch is not found: no property " + PROPERTY + ", no variable "
                                + VARIABLE
                                + ", no torch in the Python on the path, no org.bytedeco:pytorch on the class path; needed: "
                                + LEAST_MAJOR + "." + LEAST_MINOR + " or later, such as 'pip install torch' brings"));
    }

    private static Path inNamed(String what, Path folder) {
        return libraries(folder)
                .orElseThrow(() -> new DeviceException(what + " is " + folder + ", which has no "
                        + System.mapLibraryName("torch_cpu") + " in it or in its lib; needed: the folder of libtorch "
                        + LEAST_MAJOR + "." + LEAST_MINOR + " or later"));
    }

    private static Optional<Path> libraries(Path folder) {
        return List.of(folder, folder.resolve("lib")).stream()
                .filter(each -> Files.exists(each.resolve(System.mapLibraryName("torch_cpu"))))
                .findFirst()
                .map(Path::toAbsolutePath);
    }

    /** Of the torch that the Python on the path would import; it is not imported. */
    private static Optional<Path> ofPython() {
        try {
            Process python = new ProcessBuilder("python3", "-c", IN_PYTHON)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!python.waitFor(PYTHON_SECONDS, TimeUnit.SECONDS)) {
                python.destroyForcibly();
                return Optional.empty();
            }
            String answer = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return answer.isEmpty() ? Optional.empty() : Optional.of(Path.of(answer));
        } catch (IOException e) {
            LOG.debug("no Python on the path", e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Copies what an artifact carries to JavaCPP's cache, where the libraries find each other. */
    private static Optional<Path> onClassPath() {
        String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/";
        URL main = TorchLibrary.class.getResource(folder + System.mapLibraryName("torch_cpu"));
        if (main == null) {
            return Optional.empty();
        }
        try {
            File library = Loader.cacheResource(main);
            for (String name : List.of(System.mapLibraryName("c10"), "libgomp.so.1")) {
                URL other = TorchLibrary.class.getResource(folder + name);
                if (other != null) {
                    Loader.cacheResource(other);
                }
            }
            return Optional.of(requireNonNull(library.toPath().getParent(), "folder"));
        } catch (IOException e) {
            throw new DeviceException("libtorch cannot be copied out of " + main + ": " + e.getMessage(), e);
        }
    }

    static TorchLibrary load(Path folder) {
        NativeRuntime.prepare();
        // First, so that both use one OpenBLAS and the settings made for ND4J.
        Nd4j.getExecutioner();
        Loader.load(org.bytedeco.openblas.global.openblas.class);
        Path main = folder.resolve(System.mapLibraryName("torch_cpu"));
        try {
            NativeLibrary library = NativeLibrary.getInstance(main.toString());
            TorchLibrary found = ofVersion(folder, version(library));
            Torch.bind(library);
            return found;
        } catch (UnsatisfiedLinkError e) {
            throw new DeviceException("libtorch cannot be loaded from " + main + ": " + e.getMessage(), e);
        }
    }

    /** 0 before the function was there. */
    private static long version(NativeLibrary library) {
        try {
            Function version = library.getFunction("aoti_torch_abi_version");
            return version.invokeLong(new Object[0]);
        } catch (UnsatisfiedLinkError e) {
            return 0;
        }
    }

    /**
     * @param version as {@code aoti_torch_abi_version} tells it
     * @throws DeviceException if it is too old
     */
    static TorchLibrary ofVersion(Path folder, long version) {
        TorchLibrary found = new TorchLibrary(folder, (int) (version >>> 56), (int) (version >>> 48 & 0xff));
        if (version < Torch.version(LEAST_MAJOR, LEAST_MINOR)) {
            throw new DeviceException("libtorch of " + folder + " is "
                    + (version == 0 ? "of a release that does not say which" : found.major + "." + found.minor)
                    + "; needed: " + LEAST_MAJOR + "." + LEAST_MINOR + " or later");
        }
        return found;
    }
}
