// openapi-backend on Express: answers with the contract's example. node backend.js NODE_MODULES DOCUMENT PORT
const [, , modules, document, port] = process.argv
const load = require('module').createRequire(modules + '/')
const express = load('express')
const { OpenAPIBackend } = load('openapi-backend')

const backend = new OpenAPIBackend({ definition: document })
backend.register({
  notFound: (context, request, response) => response.status(404).end(),
  validationFail: (context, request, response) => response.status(400).json(context.validation.errors),
  notImplemented: (context, request, response) => {
    const { status, mock } = backend.mockResponseForOperation(context.operation.operationId)
    return response.status(status).json(mock)
  },
})

backend.init().then(() => {
  const application = express()
  application.use((request, response) => backend.handleRequest(request, request, response))
  application.listen(Number(port), '127.0.0.1')
})
