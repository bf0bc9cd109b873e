import CohortLog
import Glibc

/// The terminal's end of the control socket.
extension Invocation {
  /// Lets the server of the storage carry out the command.
  ///
  /// - Returns: `nil` if there is no server: the command opens the log itself.
  /// - Throws: ``Failure`` if the server did not take it, or ended before it.
  func askServer(_ words: [String]) throws -> ExitCode? {
    // Why there is no folder, the command says when it needs one.
    guard let folder = try? storage(), let socket = try connect(to: folder) else { return nil }
    let files = namedFiles.map { name in (name, NamedFile(name)) }
    let request = ControlRequest(
      version: Version.text, folder: Self.currentFolder ?? "",
      files: files.map { ControlRequest.File(name: $0, reason: $1.reason) }, words: words)
    let streams = console.streams
    do throws(SystemReason) {
      // A number keeps nothing open: whoever owns it has to live until it is sent.
      defer { withExtendedLifetime((streams, files)) {} }
      try socket.send(
        request.bytes,
        with: streams.map(\.number) + files.compactMap { $1.descriptor?.number })
    } catch {
      // Whoever refuses does not listen to the end. It says why.
      guard [EPIPE, ECONNRESET].contains(error.number) else {
        throw Failure(
          .storage,
          "The server of '\(folder)' cannot be spoken to (\(error.words)). "
            + "Try again, or stop the server first.")
      }
    }
    guard let answer = try? socket.receive(), let reply = ControlReply(body: answer.body) else {
      throw Failure(
        .storage,
        "The server of '\(folder)' ended before the command did. "
          + "See with 'cohort log' what was recorded, then run it again.")
    }
    let code = ExitCode(rawValue: reply.code) ?? .storage
    guard reply.words.isEmpty else { throw Failure(code, reply.words) }
    return code
  }

  /// - Throws: The same as the lock would, if a server has the ledger open.
  func expectNoServer() throws {
    guard let folder = try? storage(), let socket = try connect(to: folder) else { return }
    throw Failure(.held(folder: folder, by: socket.peer.map { Int($0.process) }))
  }

  private func connect(to folder: String) throws(Failure) -> ControlSocket? {
    do throws(SystemReason) { return try ControlSocket.connect(in: folder) } catch {
      if error.number == EACCES, !Self.canEnter(folder) {
        throw Failure(
          .storage,
          "The folder '\(folder)' cannot be opened (\(error.words)). "
            + "Run the command as a user who may enter it and every folder above it.")
      }
      throw Failure(
        .storage,
        "The server of '\(folder)' cannot be reached (\(error.words)). "
          + "Run the command as the user whom the server runs as.")
    }
  }

  /// Whether the rights let the caller see what is in a folder, such as a socket he may not use.
  private static func canEnter(_ folder: String) -> Bool {
    unsafe access("\(folder)/\(ControlSocket.name)", F_OK) == 0 || errno != EACCES
  }

  /// The files that the command line names: the server is given them open, for it may not be
  /// allowed to read, or even see, what the caller can.
  private var namedFiles: [String] {
    var names: [String] = []
    for (operand, given) in zip(arguments.command.operands, arguments.operands) {
      if case .file = operand.kind { names.append(given) }
    }
    for option in arguments.command.options where option.value == "FILE" {
      names += arguments.all(option.name)
    }
    return Set(names).subtracting(["-"]).sorted()
  }

  private static var currentFolder: String? {
    guard let path = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(path) }
    return unsafe String(validatingCString: path)
  }
}

/// A file as its caller could open it.
private struct NamedFile {
  let descriptor: OwnedDescriptor?
  let reason: Int32

  init(_ name: String) {
    let number = unsafe open(name, O_RDONLY | O_CLOEXEC)
    reason = number < 0 ? errno : 0
    descriptor = number < 0 ? nil : OwnedDescriptor(number)
  }
}

extension Console {
  /// Standard input, output and error, as they can be handed on.
  ///
  /// In place of one that is closed stands one that fails like it.
  fileprivate var streams: [StandardStream] {
    [
      StandardStream(input, O_WRONLY), StandardStream(output, O_RDONLY),
      StandardStream(error, O_RDONLY),
    ]
  }
}

private struct StandardStream {
  let number: Int32
  private let substitute: OwnedDescriptor?

  /// Takes how a substitute is opened, so that it cannot be used as the stream is.
  init(_ number: Int32, _ mode: Int32) {
    if fcntl(number, F_GETFD) >= 0 {
      (self.number, substitute) = (number, nil)
    } else {
      let owned = OwnedDescriptor(unsafe open("/dev/null", mode | O_CLOEXEC))
      (self.number, substitute) = (owned.number, owned)
    }
  }
}
