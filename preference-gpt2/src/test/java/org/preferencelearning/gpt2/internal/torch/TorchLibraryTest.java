package org.preferencelearning.gpt2.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DeviceException;

class TorchLibraryTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatIsNamedMustHoldTheLibrary() {
        assertThatThrownBy(() -> TorchLibrary.find(folder.toString(), null))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(TorchLibrary.PROPERTY)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("2.10");
        assertThatThrownBy(() -> TorchLibrary.find(null, folder.toString()))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(TorchLibrary.VARIABLE)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void thePropertyComesBeforeTheVariableAndAPackagesLibIsLookedInto() throws Exception {
        Path one = Files.createDirectories(folder.resolve("one"));
        Path two = Files.createDirectories(folder.resolve("two/lib"));
        Files.createFile(one.resolve(System.mapLibraryName("torch_cpu")));
        Files.createFile(two.resolve(System.mapLibraryName("torch_cpu")));
        assertThat(TorchLibrary.find(one.toString(), two.toString())).isEqualTo(one);
        assertThat(TorchLibrary.find(null, two.getParent().toString())).isEqualTo(two);
    }

    @Test
    void whatIsNoLibraryIsSaidWithItsPath() throws Exception {
        Path file = Files.createFile(folder.resolve(System.mapLibraryName("torch_cpu")));
        assertThatThrownBy(() -> TorchLibrary.load(folder))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void anOlderReleaseIsRefusedWithBothVersions() {
        assertThatThrownBy(() -> TorchLibrary.ofVersion(folder, Torch.version(2, 9)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("2.9")
                .hasMessageContaining("needed: 2.10");
        assertThatThrownBy(() -> TorchLibrary.ofVersion(folder, 0))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("needed: 2.10");
        assertThat(TorchLibrary.ofVersion(folder, Torch.version(2, 10))).isEqualTo(new TorchLibrary(folder, 2, 10));
        assertThat(TorchLibrary.ofVersion(folder, Torch.version(3, 0)).major()).isEqualTo(3);
    }

    @Test
    void aBuildWithoutCodeForGpusIsRefusedForThem() {
        assertThatThrownBy(new TorchLibrary(folder, 2, 13)::requireCuda)
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("2.13")
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("CUDA");
    }
}
