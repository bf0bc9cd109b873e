import CPlatform
package import CohortModel

/// The instruction of the processor, for whoever decides imports.
package let processorPrefetch: Prefetch = { addresses in
  unsafe addresses.withUnsafeBufferPointer { buffer in
    unsafe platform_prefetch(buffer.baseAddress, buffer.count)
  }
}
