import CPlatform
import Glibc
import Synchronization

extension EventLoop {
  /// Reads what has come, and what comes in answer to it.
  func readMail() {
    // What the loop's own handlers post meanwhile is read at once, but not without end.
    for _ in 0..<Self.share {
      let mail = mailbox.take()
      if mail.isEmpty { return }
      clock.look()
      for one in mail { read(one) }
    }
  }

  /// Carries out one message; those for connections that are gone have only to be cleaned up.
  func read(_ mail: Mail) {
    switch mail {
    case .answer(let id, let turn, let response):
      guard let client = client(id) else {
        if case .source(let source, _) = response.body {
          shared.workers.attend { source.end() }
        }
        return
      }
      change(client) { $0.answered(turn, with: response, now, self, into: &$1) }
      serve(client)
    case .taken(let id, let turn, let receiver, let response):
      guard let client = client(id) else {
        if response == nil { shared.workers.attend { receiver.abandon() } }
        return
      }
      change(client) { $0.taken(turn, response, now, self, into: &$1) }
      serve(client)
    case .gave(let id, let turn, let source, let part):
      guard let client = client(id) else {
        shared.workers.attend { source.end() }
        return
      }
      change(client) { $0.gave(turn, part, now, self, into: &$1) }
      serve(client)
    case .wake(let id, let turn):
      guard let client = client(id) else { return }
      change(client) { $0.woken(turn, now, self, into: &$1) }
      serve(client)
    case .listen(let descriptor):
      guard stopsBy == nil, poller.add(descriptor, Self.listenerToken) else {
        _ = close(descriptor)
        return
      }
      listeners.append(descriptor)
    case .adopt(let descriptor, let isRefused):
      adopt(descriptor, isRefused: isRefused)
    case .stop(let time):
      stop(by: time)
    }
  }

  private func stop(by time: Int64) {
    guard stopsBy == nil else {
      stopsBy = min(stopsBy ?? time, time)
      return
    }
    stopsBy = time
    for listener in listeners { _ = close(listener) }
    listeners = []
    acceptsFrom = nil
    for client in clients {
      guard let client else { continue }
      change(client) { $0.stop(now, self, into: &$1) }
      serve(client)
    }
  }

  // MARK: - Accepting

  /// Accepts what waits, and deals it to the loops.
  func accept() {
    for listener in listeners {
      // Others wait too: the rest is reported again.
      for _ in 0..<64 {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = retried { platform_accept4(listener, flags) }
        if descriptor < 0 {
          if errno == ECONNABORTED || errno == EPROTO { continue }
          if errno != EAGAIN && errno != EWOULDBLOCK { pauseAccepting() }
          break
        }
        deal(descriptor)
      }
      if acceptsFrom != nil { return }
    }
  }

  private func deal(_ descriptor: Int32) {
    let settings = shared.settings
    let open = shared.tally.open.add(1, ordering: .relaxed).newValue
    shared.tally.accepted.add(1, ordering: .relaxed)
    let isRefused = open > settings.maxConnections
    if isRefused {
      shared.tally.refused.add(1, ordering: .relaxed)
      // Some are told so; whoever floods the door is not.
      if open > settings.maxConnections + settings.refusedConnections {
        _ = close(descriptor)
        shared.tally.open.subtract(1, ordering: .relaxed)
        return
      }
    }
    let loop = nextLoop
    nextLoop = (nextLoop + 1) % shared.mailboxes.count
    if loop == index {
      adopt(descriptor, isRefused: isRefused)
    } else if !shared.mailboxes[loop].post(.adopt(descriptor, isRefused: isRefused)) {
      _ = close(descriptor)
      shared.tally.open.subtract(1, ordering: .relaxed)
    }
  }

  /// The system has no descriptor or no memory: those who wait stay with it, and it is asked again
  /// when a connection has ended, or in a tenth of a second.
  private func pauseAccepting() {
    shared.tally.acceptPauses.add(1, ordering: .relaxed)
    acceptsFrom = now.microseconds + 100_000
    for listener in listeners { poller.pause(listener, Self.listenerToken) }
  }

  func resumeAccepting() {
    acceptsFrom = nil
    for listener in listeners { poller.resume(listener, Self.listenerToken) }
  }
}
