import CPlatform
package import CohortFormat
import Glibc
import Synchronization

/// Where nonces, keys, epochs and ledger ids come from: unpredictable on a real machine.
package protocol RandomSource: RandomBytes {}

extension RandomSource {
  /// Appends `count` random bytes.
  package func append(_ count: Int, to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: count) { fill(&$0) }
  }

  /// Returns `count` random bytes.
  package func bytes(_ count: Int) -> [UInt8] {
    [UInt8](capacity: count) { fill(&$0) }
  }
}

/// The random numbers of the kernel, fetched 16 KiB at a time.
///
/// A 16-byte nonce then costs a lock and a copy instead of a system call. What was handed out is
/// overwritten with zeros here at once, so that a core dump does not hold keys it need not hold.
package struct SystemRandomSource: RandomSource {
  private let pool = Pool()

  package init() {}

  package func fill(_ bytes: inout OutputSpan<UInt8>) { pool.fill(&bytes) }
}

/// The bytes fetched and not yet handed out, shared by every copy of the source.
private final class Pool: Sendable {
  private struct Stock {
    var bytes = [UInt8](repeating: 0, count: poolSize)
    /// Everything before it was handed out and is zero.
    var next = poolSize
  }

  private let stock = Mutex(Stock())

  func fill(_ bytes: inout OutputSpan<UInt8>) {
    unsafe bytes.withUnsafeMutableBufferPointer { buffer, initialized in
      let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[initialized...])
      let free = UnsafeMutableRawBufferPointer(rest)
      if free.count >= poolSize {
        unsafe fetch(into: free)
      } else {
        unsafe take(into: free)
      }
      initialized = buffer.count
    }
  }

  private func take(into output: UnsafeMutableRawBufferPointer) {
    let count = output.count
    stock.withLock { stock in
      let isSpent = stock.next + count > poolSize
      let start = isSpent ? 0 : stock.next
      unsafe stock.bytes.withUnsafeMutableBytes { pool in
        if isSpent { unsafe fetch(into: pool) }
        let taken = unsafe UnsafeMutableRawBufferPointer(rebasing: pool[start..<start + count])
        unsafe output.copyMemory(from: UnsafeRawBufferPointer(taken))
        unsafe taken.initializeMemory(as: UInt8.self, repeating: 0)
      }
      stock.next = start + count
    }
  }
}

private let poolSize = 16_384

/// Asks the kernel, which waits at most once after boot and cannot fail from then on.
private func fetch(into output: UnsafeMutableRawBufferPointer) {
  var done = 0
  while done < output.count {
    let count = unsafe getrandom(output.baseAddress?.advanced(by: done), output.count - done, 0)
    precondition(count > 0 || errno == EINTR, "Linux has had getrandom since 3.17.")
    done += max(count, 0)
  }
}
