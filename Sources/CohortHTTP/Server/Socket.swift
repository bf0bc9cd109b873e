import CPlatform
import Glibc

/// The socket of a connection: the one place of this module where bytes meet the system.
///
/// It never waits and never raises SIGPIPE; an interrupted call is repeated. It is closed when it
/// is dropped.
///
/// The pointers it hands to the system are those that arrays lend for the length of the call.
struct Socket: ~Copyable {
  enum Reading: Equatable {
    /// So many bytes directly, so many into the scratch, and whether the socket has no more now.
    case bytes(directly: Int, scratch: Int, isDrained: Bool)
    case nothing
    case ended
    case failed
  }

  enum Writing: Equatable {
    /// So many bytes, and whether there is room for more.
    case bytes(Int, hasRoom: Bool)
    case failed
  }

  static let gatherMax = 16

  let descriptor: Int32

  /// Takes over a descriptor.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { _ = Glibc.close(descriptor) }

  /// Reads once: at most `wanted` bytes behind `body`, and what comes behind them into `scratch`.
  ///
  /// Two places in one call, so that a body and the next head cost one call, and a short answer
  /// shows that the socket is empty.
  func read(
    onto body: inout [UInt8], directly wanted: Int, scratch: inout [UInt8]
  ) -> Reading {
    let room = scratch.count
    var result = 0
    if wanted == 0 {
      result = unsafe scratch.withUnsafeMutableBytes { buffer in
        retried { unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
      }
    } else {
      body.append(addingCapacity: wanted) { free in
        unsafe free.withUnsafeMutableBufferPointer { place, initialized in
          result = unsafe scratch.withUnsafeMutableBytes { buffer in
            let two = unsafe [
              iovec(iov_base: place.baseAddress, iov_len: min(wanted, place.count)),
              iovec(iov_base: buffer.baseAddress, iov_len: buffer.count),
            ]
            return retried { unsafe readv(descriptor, two, 2) }
          }
          initialized = max(0, min(result, wanted))
        }
      }
    }
    if result > 0 {
      let direct = min(result, wanted)
      return .bytes(
        directly: direct, scratch: result - direct, isDrained: result < wanted + room)
    }
    if result == 0 { return .ended }
    return errno == EAGAIN || errno == EWOULDBLOCK ? .nothing : .failed
  }

  /// Writes once, as much of the outbox as the socket takes.
  func write(_ outbox: borrowing Outbox) -> Writing {
    let segments = outbox.segments
    let offset = outbox.offset
    var offered = 0
    let sent: Int
    if segments.count == 1 {
      offered = segments[0].count - offset
      sent = unsafe segments[0].withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
        return retried {
          unsafe send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
      }
    } else {
      var parts = unsafe [iovec]()
      unsafe parts.reserveCapacity(Self.gatherMax)
      sent = unsafe gather(segments[...], offset, &parts, &offered)
    }
    if sent >= 0 { return .bytes(sent, hasRoom: sent == offered) }
    return errno == EAGAIN || errno == EWOULDBLOCK ? .bytes(0, hasRoom: false) : .failed
  }

  /// Borrows the segments one within the other, so that all pointers hold until the call is over.
  private func gather(
    _ rest: ArraySlice<[UInt8]>, _ offset: Int, _ parts: inout [iovec], _ offered: inout Int
  ) -> Int {
    guard let first = rest.first, unsafe parts.count < Self.gatherMax else {
      return unsafe parts.withUnsafeMutableBufferPointer { parts in
        var message = unsafe msghdr()
        unsafe message.msg_iov = parts.baseAddress
        unsafe message.msg_iovlen = parts.count
        return retried {
          unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
        }
      }
    }
    return unsafe first.withUnsafeBytes { bytes in
      let part = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
      offered += bytes.count - offset
      unsafe parts.append(
        iovec(iov_base: part.map { unsafe $0 + offset }, iov_len: bytes.count - offset))
      return unsafe gather(rest.dropFirst(), 0, &parts, &offered)
    }
  }

  /// Ends our half: the peer reads all that was sent, and then the end.
  func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_WR)) }

  /// Has the close that follows throw away what has not left, and tell the peer that it did.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

/// Repeats a call that a signal has interrupted.
@inline(__always)
func retried<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
