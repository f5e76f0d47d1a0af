// The first service's behaviour, as a reference to measure against: keys and values in a map of this process, nothing
// on disk. GET /get/:key, POST /set, GET /search?prefix=&suffix=, and POST /fill?keys=N&bytes=B to fill it for a benchmark.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

func main() {
	var mutex sync.RWMutex
	values := map[string]string{}

	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.GET("/get/:key", func(c *gin.Context) {
		mutex.RLock()
		value, found := values[c.Param("key")]
		mutex.RUnlock()
		if !found {
			c.JSON(http.StatusNotFound, gin.H{"error": "Key not found"})
			return
		}
		c.String(http.StatusOK, value)
	})
	router.POST("/set", func(c *gin.Context) {
		var body struct {
			Key   string `json:"key" binding:"required"`
			Value string `json:"value"`
		}
		if err := c.ShouldBindJSON(&body); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		mutex.Lock()
		values[body.Key] = body.Value
		mutex.Unlock()
		c.Status(http.StatusOK)
	})
	router.GET("/search", func(c *gin.Context) {
		prefix, suffix := c.Query("prefix"), c.Query("suffix")
		keys := []string{}
		mutex.RLock()
		for key := range values {
			if strings.HasPrefix(key, prefix) && strings.HasSuffix(key, suffix) {
				keys = append(keys, key)
			}
		}
		mutex.RUnlock()
		c.JSON(http.StatusOK, keys)
	})
	router.POST("/fill", func(c *gin.Context) {
		count, _ := strconv.Atoi(c.Query("keys"))
		bytes, _ := strconv.Atoi(c.Query("bytes"))
		value := strings.Repeat("v", bytes)
		mutex.Lock()
		for i := 0; i < count; i++ {
			values[fmt.Sprintf("key-%08d", i)] = value
		}
		mutex.Unlock()
		c.Status(http.StatusOK)
	})
	if err := router.Run("127.0.0.1:" + os.Args[1]); err != nil {
		panic(err)
	}
}
