# One role of VectorDb, or all of them: PROJECT is Query.Api, Ingest.Worker, Shard.Worker or Server.
#   docker build --build-arg PROJECT=Query.Api --tag vectordb-query .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/ src/
# All at once: they share most of their code, and compose wants three of them. An image takes its own.
RUN for project in Query.Api Ingest.Worker Shard.Worker Server; do \
      dotnet publish "src/$project" --configuration Release --output "/programs/$project" --nologo -v:quiet || exit 1; \
    done
COPY models/ /all-models/
ARG PROJECT
RUN test -d "/programs/$PROJECT" || \
    { echo "PROJECT is '$PROJECT'; give Query.Api, Ingest.Worker, Shard.Worker or Server." >&2; exit 1; }
RUN mv "/programs/$PROJECT" /program && \
    case "$PROJECT" in Server) echo vectordb.dll ;; *) echo "VectorDb.$PROJECT.dll" ;; esac >/program/name
# Only who embeds needs a model; it is larger than everything else together.
RUN mkdir /models && case "$PROJECT" in Ingest.Worker | Server) cp -r /all-models/. /models/ ;; esac

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY deploy/answers.sh /usr/local/bin/answers
COPY --from=build /models /models
COPY --from=build /program /program
# The folders belong to the user of the process, and a new volume takes that over.
RUN chmod 755 /usr/local/bin/answers && mkdir /data /backups && chown "$APP_UID" /data /backups
ENV VectorDb__DataPath=/data \
    VectorDb__ModelPath=/models \
    ASPNETCORE_HTTP_PORTS=
USER $APP_UID
WORKDIR /program
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet \"/program/$(cat /program/name)\" \"$@\"", "vectordb"]
