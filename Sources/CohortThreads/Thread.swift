import CPlatform
import Glibc

/// A thread of our own: what it does blocks, and has no place on the cooperative pool.
package struct Thread: Sendable {
  private let handle: pthread_t

  /// Starts a thread that runs `body` once.
  ///
  /// - Parameters:
  ///   - name: As in `ps -L`; at most 15 bytes are shown.
  ///   - body: Never runs if this throws.
  /// - Throws: ``ThreadFailure`` if the system has none to give. (`pthread_create`)
  package init(
    _ name: String, _ body: @escaping @Sendable () -> Void
  ) throws(ThreadFailure) {
    if let shortage = ThreadShortage.current, !shortage.grants() { throw ThreadFailure(EAGAIN) }
    let box = unsafe Unmanaged.passRetained(Body(name: name, run: body))
    var handle = pthread_t()
    let failure = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        unsafe platform_name_thread(body.name)
        body.run()
        return nil
      }, box.toOpaque())
    guard failure == 0 else {
      unsafe box.release()
      throw ThreadFailure(failure)
    }
    self.handle = handle
  }

  /// Waits until it has ended.
  ///
  /// To be called once. A thread that waits for itself would wait for ever: it is let go instead.
  package func join() {
    if pthread_equal(handle, pthread_self()) != 0 {
      pthread_detach(handle)
    } else {
      _ = pthread_join(handle, nil)
    }
  }

  /// Lets it end by itself: nobody will wait for it.
  ///
  /// To be called once, in place of ``join()``.
  package func detach() { pthread_detach(handle) }

  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }
}
