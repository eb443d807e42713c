package org.preferencelearning.core.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.device.Device;
import org.preferencelearning.core.device.DeviceTensor;

/**
 * Values in host memory and, while their model computes on a device, in its memory too. Each side is brought up to date when it
 * is asked for, so that nothing is copied while only one side is used. Whoever is given a side may change it.
 */
final class Twin {
    private final long[] shape;
    private final DataType type;
    private @Nullable INDArray host;
    private @Nullable DeviceTensor onDevice;
    private boolean hostIsOld;
    private boolean deviceIsOld;

    /** Of an array, which is taken over. */
    Twin(INDArray host) {
        this.host = host;
        this.shape = host.shape();
        this.type = host.dataType();
    }

    /** Zeros on a device; memory of the host is taken when it is asked for. */
    Twin(Device device, long... shape) {
        this.shape = shape;
        this.type = DataType.FLOAT;
        this.onDevice = device.zeros(shape);
        this.hostIsOld = true;
    }

    long[] shape() {
        return shape.clone();
    }

    DataType type() {
        return type;
    }

    /** The host's side, to be read or changed until the device's is asked for. */
    INDArray host() {
        INDArray array = read();
        deviceIsOld = onDevice != null;
        return array;
    }

    /** As {@link #host()}, for who changes nothing. */
    INDArray read() {
        if (host == null) {
            host = Nd4j.createUninitialized(type, shape);
        }
        if (hostIsOld) {
            requireNonNull(onDevice, "onDevice").download(host);
            hostIsOld = false;
        }
        return host;
    }

    /** The device's side, to be read until the host's is asked for. */
    DeviceTensor onDevice() {
        DeviceTensor tensor = requireNonNull(onDevice, "onDevice");
        if (deviceIsOld) {
            tensor.upload(requireNonNull(host, "host"));
            deviceIsOld = false;
        }
        return tensor;
    }

    /** As {@link #onDevice()}, for who changes it. */
    DeviceTensor changedOnDevice() {
        DeviceTensor tensor = onDevice();
        hostIsOld = true;
        return tensor;
    }

    /** Sets every value on both sides to 0. */
    void clear() {
        if (onDevice != null) {
            onDevice.clear();
            deviceIsOld = false;
        }
        if (host != null) {
            host.assign(0);
            hostIsOld = false;
        }
    }

    /** Adds the device's side. */
    void moveTo(Device device) {
        onDevice = device.zeros(shape);
        deviceIsOld = true;
    }

    /** Gives the device's side up. */
    void moveToHost() {
        if (onDevice != null) {
            read();
            onDevice.close();
            onDevice = null;
            deviceIsOld = false;
        }
    }

    void close() {
        if (onDevice != null) {
            onDevice.close();
        }
        if (host != null) {
            host.close();
        }
    }
}
