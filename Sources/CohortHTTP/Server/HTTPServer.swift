import CPlatform
import CohortThreads
import Glibc
import Synchronization

/// Serves an application over HTTP/1.1.
///
/// ```
/// let server = try HTTPServer(application, HTTPSettings())
/// let bound = try server.listen(on: [ListenAddress("127.0.0.1:0")])
/// …
/// server.stop(withinMilliseconds: 10_000)
/// ```
/// Connections are dealt to a few threads that never wait; what may take long runs on others.
package final class HTTPServer: Sendable {
  private struct State {
    var loops: [Thread] = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let shared: Shared

  /// Starts its threads; nothing is served before ``listen(on:)``.
  ///
  /// - Throws: ``ListenError/system(call:errno:)`` if the system has no descriptors to give,
  ///   ``ListenError/thread(_:)`` if it has no threads. Whatever had been started has ended then.
  package init(
    _ application: any Application, _ settings: HTTPSettings = HTTPSettings()
  ) throws(ListenError) {
    let count = max(1, settings.loops)
    var mailboxes: [Mailbox] = []
    for _ in 0..<count {
      guard let mailbox = Mailbox() else { throw .system(call: "eventfd", errno: errno) }
      mailboxes.append(mailbox)
    }
    let workers: Workers
    do throws(ThreadFailure) {
      workers = try Workers(settings.workers, queueMax: settings.workerQueue)
    } catch { throw .thread(error) }
    shared = Shared(
      application: application, settings: settings, tally: Tally(), workers: workers,
      mailboxes: mailboxes)
    for index in 0..<count {
      guard let descriptor = Poller.open() else {
        let failure = errno
        stop(withinMilliseconds: 0)
        throw .system(call: "epoll_create1", errno: failure)
      }
      do throws(ThreadFailure) {
        let thread = try Thread("http-loop-\(index)") { [shared] in
          EventLoop(index, shared, Poller(descriptor)).run()
        }
        state.withLock { $0.loops.append(thread) }
      } catch {
        _ = close(descriptor)
        stop(withinMilliseconds: 0)
        throw .thread(error)
      }
    }
  }

  deinit { stop(withinMilliseconds: 0) }

  package var counters: HTTPCounters {
    var counters = shared.tally.counters
    counters.waitingJobs = shared.workers.waiting
    return counters
  }

  /// Accepts connections on these addresses, all or none.
  ///
  /// - Returns: The addresses with the ports that were found, in the same order.
  package func listen(on addresses: [ListenAddress]) throws(ListenError) -> [BoundAddress] {
    var listeners: [Int32] = []
    var bound: [BoundAddress] = []
    do {
      for address in addresses {
        let one = try SocketAddress.listen(on: address, shared.settings)
        listeners.append(one.descriptor)
        bound.append(one.bound)
      }
    } catch {
      for listener in listeners { _ = close(listener) }
      throw error
    }
    for (index, listener) in listeners.enumerated() {
      guard shared.mailboxes[0].post(.listen(listener)) else {
        for rest in listeners[index...] { _ = close(rest) }
        throw .stopped
      }
    }
    return bound
  }

  /// Accepts nothing more, answers what has begun, and returns when all connections are closed.
  ///
  /// What is not answered in time is cut off. To be called from a thread of the caller's own, never
  /// from a handler: it would wait for itself.
  package func stop(withinMilliseconds limit: Int) {
    let loops = state.withLock { state in
      state.isStopped = true
      defer { state.loops = [] }
      return state.loops
    }
    let end = Clock.microseconds() + Int64(max(0, limit)) * 1_000
    for mailbox in shared.mailboxes { mailbox.post(.stop(by: end)) }
    for loop in loops { loop.join() }
    let rest = max(0, end - Clock.microseconds()) / 1_000
    _ = shared.workers.stop(withinMilliseconds: Int(rest) + 100)
  }
}
